// SQS and S3 by fauxqs. Its code is patched in this process, so its version is asserted exactly.

import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import { replayRequest } from './arrived-request.ts';
import type { ServiceBackend } from './aws-proxy.ts';
import { addObjectHooks, type ObjectStore } from './fauxqs-objects.ts';
import { type QueueInternals, repairQueues } from './fauxqs-queues.ts';

const PATCHED_VERSION = '2.4.1';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

/** Modules behind fauxqs' only export; they must be the same instances as its app uses. */
interface Internals {
  SqsQueue: { prototype: QueueInternals };
  SqsStore: new () => Stores['sqsStore'];
  SnsStore: new () => Stores['snsStore'];
  S3Store: new () => Stores['s3Store'];
  INVALID_MESSAGE_BODY_CHAR: RegExp;
}

const currentResponse = new AsyncLocalStorage<ServerResponse>();
let internals: Promise<Internals> | undefined;

/** @throws Error when another version of fauxqs is installed than the one the patches were written for. */
export async function startQueuesAndObjects(options: {
  region: string;
  secretAccessKey: string;
}): Promise<ServiceBackend> {
  internals ??= loadRepairedInternals();
  const { SqsStore, SnsStore, S3Store } = await internals;
  const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const app = buildApp({ logger: false, host: '127.0.0.1', defaultRegion: options.region, stores });
  addObjectHooks(app, stores.s3Store as ObjectStore, options.secretAccessKey);
  await app.ready();
  return {
    serve: (_service, request, response) =>
      currentResponse.run(response, () => app.routing(replayRequest(request), response)),
    close: async () => {
      await app.close();
    },
  };
}

async function loadRepairedInternals(): Promise<Internals> {
  const app = import.meta.resolve('fauxqs');
  const { version } = JSON.parse(readFileSync(new URL('../package.json', app), 'utf8'));
  if (version !== PATCHED_VERSION) {
    throw new Error(`fauxqs must be ${PATCHED_VERSION}, not ${version}: the local run patches its queues`);
  }
  const load = (path: string) => import(new URL(path, app).href);
  const loaded: Internals = Object.assign(
    {},
    ...(await Promise.all([
      load('./sqs/sqsStore.js'),
      load('./sqs/sqsTypes.js'),
      load('./sns/snsStore.js'),
      load('./s3/s3Store.js'),
    ])),
  );
  repairQueues(loaded.SqsQueue.prototype, loaded.INVALID_MESSAGE_BODY_CHAR, () => currentResponse.getStore());
  return loaded;
}
