// Meta and Genesys played on one loopback port, so that the bridge can be run and tested without an account.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ControlSurface } from './control-surface.ts';
import { createGenesysStandIn } from './genesys/genesys-stand-in.ts';
import { RefusedError, readRequest, sendAnswer } from './http-exchange.ts';
import { createMetaStandIn } from './meta/meta-stand-in.ts';
import { type Clock, Timers } from './timers.ts';

export interface StandInNumber {
  phoneNumberId: string;
  integrationId: string;
  displayPhoneNumber?: string;
}

/** What Meta and Genesys share with the bridge about one number. */
export interface StandInSecrets {
  metaAppSecret: string;
  metaVerifyToken: string;
  metaAccessToken: string;
  genesysClientId: string;
  genesysClientSecret: string;
  genesysWebhookSecret: string;
}

export interface StandInOptions {
  /** 0 takes a free port. */
  port: number;
  /** Asked anew for every webhook, so that the bridge may start later or move. */
  bridgeUrl: () => string;
  numbers: StandInNumber[];
  /** By phone number id. */
  secrets: Record<string, StandInSecrets>;
  /** @default the machine's clock */
  clock?: Clock;
}

export interface StandIns {
  metaUrl: string;
  genesysUrl: string;
  /** Ends the server, its connections and every retry under way. */
  close(): Promise<void>;
}

/** A number with what is secret about it. */
export interface KnownNumber extends StandInNumber {
  secrets: StandInSecrets;
}

/** What each provider is built from. */
export interface StandInContext {
  numbers: [KnownNumber, ...KnownNumber[]];
  bridgeUrl: () => string;
  /** Base URL of this provider, known once the server listens. */
  baseUrl: () => string;
  timers: Timers;
}

/** Starts both stand-ins on 127.0.0.1. @throws Error when there is no number or a number has no secrets. */
export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const timers = new Timers(options.clock);
  let origin = '';
  const contextOf = (base: string): StandInContext => ({
    numbers: readNumbers(options),
    bridgeUrl: () => options.bridgeUrl().replace(/\/$/, ''),
    baseUrl: () => origin + base,
    timers,
  });
  const surfaces = {
    '/meta': new ControlSurface(createMetaStandIn(contextOf('/meta')), timers),
    '/genesys': new ControlSurface(createGenesysStandIn(contextOf('/genesys')), timers),
  };

  const server = createServer((incoming, outgoing) => {
    serve(surfaces, timers, incoming, outgoing).catch((error: unknown) => answerFailure(outgoing, error));
  });
  // Longer than clients keep idle connections, so that none is reset just when it is used again.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-ins have no port');
  origin = `http://127.0.0.1:${address.port}`;
  return {
    metaUrl: `${origin}/meta`,
    genesysUrl: `${origin}/genesys`,
    close: () => {
      timers.close();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function serve(
  surfaces: Record<string, ControlSurface>,
  timers: Timers,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const receivedAtMs = timers.nowMs();
  const url = new URL(`http://127.0.0.1${incoming.url}`);
  const prefix = `/${url.pathname.split('/')[1]}`;
  const surface = surfaces[prefix];
  if (!surface)
    throw new RefusedError(404, `nothing here; the stand-ins are ${Object.keys(surfaces).join(' and ')}`);
  await surface.serve(await readRequest(incoming, url, prefix, receivedAtMs), outgoing);
}

function answerFailure(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const status = error instanceof RefusedError ? error.status : 500;
  const message = error instanceof Error ? error.message : String(error);
  sendAnswer(outgoing, { status, headers: { connection: 'close' }, body: { message } });
}

function readNumbers(options: StandInOptions): StandInContext['numbers'] {
  const [first, ...others] = options.numbers.map((number) => {
    const secrets = options.secrets[number.phoneNumberId];
    if (!secrets) throw new Error(`stand-ins: number ${number.phoneNumberId} has no secrets`);
    return { ...number, secrets };
  });
  if (!first) throw new Error('stand-ins: at least one number is needed');
  return [first, ...others];
}
