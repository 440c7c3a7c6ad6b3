// What functions are told, by purpose; each construct puts together what its functions need.
import { Env } from '../../lambdas/runtime/env.ts';
import {
  toConversationConfig,
  toNumberConfigs,
  toOutboundConfig,
  toPhraseConfig,
  toRedeliveryConfig,
  toTimingConfig,
} from '../config/function-settings.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import type { BridgeState } from './bridge-state.ts';

type Variables = Record<string, string>;

/** Whose bridge it is; every function is told so. */
export function describeDeployment(config: StageConfig): Variables {
  return {
    [Env.tenant]: config.tenant,
    [Env.stage]: config.stage,
    [Env.numbers]: JSON.stringify(toNumberConfigs(config, config.numbers)),
  };
}

/** Where what is known of messages and customers is kept, and for how long. */
export function describeStores(config: StageConfig, state: BridgeState): Variables {
  return {
    [Env.ledgerTable]: state.ledger.tableName,
    [Env.customersTable]: state.customers.tableName,
    [Env.archiveBucket]: state.archive.bucketName,
    [Env.timing]: JSON.stringify(toTimingConfig(config)),
  };
}

/** Where Genesys is, and how often it may be asked. */
export function describeDesk(config: StageConfig): Variables {
  return {
    [Env.genesysRegion]: config.genesys.region,
    [Env.requestsPerMinute]: String(config.pacing.requestsPerMinute),
  };
}

/** When parked messages are tried again, and by what. */
export function describeRedelivery(config: StageConfig, machineArn: string): Variables {
  return {
    [Env.redelivery]: JSON.stringify(toRedeliveryConfig(config)),
    [Env.redeliveryMachineArn]: machineArn,
  };
}

/** What delivering in either direction needs besides: switches, own words, links, the way back, ends of conversations. */
export function describeDelivery(config: StageConfig, state: BridgeState, publicUrl: string): Variables {
  return {
    [Env.switchesParameter]: state.switches.parameterName,
    [Env.phrases]: JSON.stringify(toPhraseConfig(config)),
    [Env.publicUrl]: publicUrl,
    [Env.outbound]: JSON.stringify(toOutboundConfig(config)),
    ...describeConversations(config),
  };
}

/** What happens around the ends of conversations. */
export function describeConversations(config: StageConfig): Variables {
  return { [Env.conversations]: JSON.stringify(toConversationConfig(config)) };
}
