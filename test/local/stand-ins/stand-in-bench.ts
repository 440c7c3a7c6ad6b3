// The stand-ins with a tiny server in place of the bridge, and a clock that makes long waits short.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { RequestRow } from '../../../local/stand-ins/request-log.ts';
import { type StandInSecrets, type StandIns, startStandIns } from '../../../local/stand-ins/stand-ins.ts';
import type { Clock } from '../../../local/stand-ins/timers.ts';

export const phoneNumberId = '106540352242922';
export const otherPhoneNumberId = '106540352242923';
export const integrationId = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10';
export const otherIntegrationId = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b11';

export function secretsOf(name: string): StandInSecrets {
  return {
    metaAppSecret: `app-secret-${name}`,
    metaVerifyToken: `verify-${name}`,
    metaAccessToken: `access-${name}`,
    genesysClientId: `client-${name}`,
    genesysClientSecret: `client-secret-${name}`,
    genesysWebhookSecret: `webhook-secret-${name}`,
  };
}

export interface ReceivedWebhook {
  path: string;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

export interface Bench extends StandIns {
  /** What the bridge got, in order. */
  webhooks: ReceivedWebhook[];
  /** Statuses the bridge answers next, then 200; 'hang' never answers. */
  answers: (number | 'hang')[];
  /** Delays that were asked of the clock. */
  delaysMs: number[];
  advance(ms: number): void;
  rows(base: string, since?: number): Promise<RequestRow[]>;
}

/** Waits by the providers' clock become a thousandth; the time limits of webhooks (10 and 20 s) two seconds. */
const shortenDelay = (delayMs: number) => (delayMs === 10_000 || delayMs === 20_000 ? 2_000 : delayMs / 1000);

export async function startBench(shorten: (delayMs: number) => number = shortenDelay): Promise<Bench> {
  const webhooks: ReceivedWebhook[] = [];
  const answers: Bench['answers'] = [];
  const delaysMs: number[] = [];
  let skewMs = 0;
  const bridge = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    webhooks.push({ path: request.url ?? '', headers: request.headers, bytes: Buffer.concat(chunks) });
    const answer = answers.shift() ?? 200;
    if (answer !== 'hang') response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => bridge.listen(0, '127.0.0.1', resolve));
  const address = bridge.address() as { port: number };
  const clock: Clock = {
    nowMs: () => Date.now() + skewMs,
    schedule: (delayMs, action) => {
      delaysMs.push(delayMs);
      const timer = setTimeout(action, shorten(delayMs));
      return () => clearTimeout(timer);
    },
  };
  const standIns = await startStandIns({
    port: 0,
    bridgeUrl: () => `http://127.0.0.1:${address.port}/`,
    numbers: [
      { phoneNumberId, integrationId, displayPhoneNumber: '15550001111' },
      { phoneNumberId: otherPhoneNumberId, integrationId: otherIntegrationId },
    ],
    secrets: { [phoneNumberId]: secretsOf('one'), [otherPhoneNumberId]: secretsOf('two') },
    clock,
  });
  return {
    ...standIns,
    webhooks,
    answers,
    delaysMs,
    advance: (ms) => {
      skewMs += ms;
    },
    rows: async (base, since = 0) =>
      (await (await fetch(`${base}/_requests?since=${since}`)).json()) as RequestRow[],
    close: async () => {
      await standIns.close();
      bridge.closeAllConnections();
      await new Promise((resolve) => bridge.close(resolve));
    },
  };
}

export function sendJson(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Polls until the condition holds. @throws Error after five seconds */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A bearer header with a fresh Genesys token. */
export async function authorizeGenesys(bench: Bench, name = 'one'): Promise<{ authorization: string }> {
  const { genesysClientId, genesysClientSecret } = secretsOf(name);
  const basic = Buffer.from(`${genesysClientId}:${genesysClientSecret}`).toString('base64');
  const response = await fetch(`${bench.genesysUrl}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return { authorization: `Bearer ${token}` };
}

export const metaAuthorization = { authorization: `Bearer ${secretsOf('one').metaAccessToken}` };
