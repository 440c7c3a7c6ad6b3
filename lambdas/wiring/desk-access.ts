// How functions of this tenant ask Genesys: one login and one allowance, shared by all sandboxes.
import { createDynamoAllowance } from '../adapters/aws/dynamo-allowance.ts';
import { createDynamoTokenStore } from '../adapters/aws/dynamo-token-store.ts';
import { genesysHosts } from '../adapters/genesys/genesys-hosts.ts';
import { createGenesysTokens } from '../adapters/genesys/genesys-token.ts';
import { PacedGate } from '../adapters/pacing/paced-gate.ts';
import { hashText } from '../adapters/pseudonyms.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { readLocalProviders, readRequestsPerMinute } from '../runtime/settings.ts';
import type { Mover } from './mover.ts';

export type DeskAccess = ReturnType<typeof openDeskAccess>;

export function openDeskAccess({ settings, customersTable, ports }: Mover) {
  const { clock, timing } = ports;
  const hosts = genesysHosts(requireEnv(Env.genesysRegion), readLocalProviders()?.genesysUrl);
  const { client, table } = customersTable;
  const gate = new PacedGate({
    ...ports,
    allowance: createDynamoAllowance(client, table, settings.tenant),
    requestsPerMinute: readRequestsPerMinute(),
    backoff: timing,
    probeMs: timing.leaseMs,
    nameAccount: hashText,
  });
  const sharing = { ...ports, store: createDynamoTokenStore(client, table) };
  const tokens = createGenesysTokens({ login: hosts.login, clock, sharing });
  return { hosts, gate, tokens, onRateNotice: gate.follow.bind(gate) };
}
