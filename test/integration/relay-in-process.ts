// A process of its own that relays media as the worker does and says what it needed of memory at most:
// node test/integration/relay-in-process.ts '{"metaUrl":…,"bucket":…,"endpoint":…,"ids":[…]}'
import { createHash } from 'node:crypto';
import { createMediaS3Client } from '../../lambdas/adapters/aws/clients.ts';
import { createS3Media } from '../../lambdas/adapters/aws/s3-media.ts';
import { createMetaMedia } from '../../lambdas/adapters/meta/meta-media.ts';
import { systemClock as clock, systemSleeper as sleeper } from '../../lambdas/adapters/system.ts';
import { createMediaRelay } from '../../lambdas/flows/relay-media.ts';

const { metaUrl, bucket, ids } = JSON.parse(process.argv[2] ?? '{}') as {
  metaUrl: string;
  bucket: string;
  ids: string[];
};

const secret = { metaAccessToken: 'token' } as never;
const relay = createMediaRelay({
  tenant: 'acme',
  clock,
  sleeper,
  source: createMetaMedia({
    clock,
    localUrl: metaUrl,
    secrets: {
      get: async () => secret,
      all: async () => ({ secrets: [], complete: true }),
      refreshIfStale: () => false,
    },
  }),
  store: createS3Media(createMediaS3Client(), bucket, clock),
  links: { mint: async (_numberId, key) => key },
  hash: (text) => createHash('sha256').update(text).digest('hex'),
  telemetry: { count: () => undefined, event: () => undefined, problem: () => undefined },
});

let peakBytes = 0;
const sample = () => {
  const { heapUsed, external } = process.memoryUsage();
  peakBytes = Math.max(peakBytes, heapUsed + external);
};
const timer = setInterval(sample, 2);
const answers = await Promise.all(
  ids.map((id) =>
    relay.relay({
      numberId: '1',
      messageId: id,
      receivedAt: clock.now(),
      media: { id, kind: 'document', mime: 'application/pdf' },
      deadlineAt: clock.now() + 60_000,
    }),
  ),
);
sample();
clearInterval(timer);
console.log(JSON.stringify({ peakBytes, stored: answers.map(({ stored }) => stored) }));
process.exit(0);
