// `npm run soak`: many customers write, agents answer, much goes wrong; in the end every message is accounted for.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../cli/connect.ts';
import { type Observed, reckon } from './account.ts';
import type { StoredFile } from './customer-messages.ts';
import { type LocalRun, startLocalRun } from './local-run.ts';
import { countParked, countWaiting, observe } from './observe.ts';
import { parseOptions, type SoakOptions, UsageError, usage } from './options.ts';
import { type Lane, makePlan } from './plan.ts';
import { Random } from './random.ts';
import { type Accepted, countWebhooks, nothingAccepted, postLane } from './traffic.ts';
import { makeWeather } from './weather.ts';

const mostLanes = 24;
const webhooksPerLane = 25;
/** Posting pauses while more than this wait: here four drains work at a time, and no message is to outlive its horizon. */
const mostWaiting = 200;
const settleMs = 300_000;
const shownDifferences = 100;

const root = join(import.meta.dirname, '..');
async function soak(options: SoakOptions): Promise<number> {
  const { seed, messages } = options;
  console.log(`Seed ${seed}: npm run soak -- --messages ${messages} --seed ${seed}`);
  const run = await startLocalRun(root, options.assembly);
  try {
    const startedAt = Date.now();
    const file = await storeFile(run);
    const lanes = Math.min(mostLanes, Math.ceil(messages / webhooksPerLane));
    const { phoneNumberId } = run;
    const writtenAt = Math.floor(startedAt / 1000);
    const plan = makePlan({ seed, webhooks: messages, lanes, phoneNumberId, file, writtenAt });
    const accepted = nothingAccepted();
    const struck = await play(run, plan, accepted, options);
    console.log(
      `Posted in ${seconds(startedAt)} s. Everything works again; waiting for it to come to rest …`,
    );
    const postedAt = Date.now();
    const { differences, figures } = await settle(run, accepted, startedAt);
    const troubles = [...struck].toSorted(([, a], [, b]) => b - a);
    console.log(`At rest after ${seconds(postedAt)} s.\n\nTroubles\n${renderTable(troubles)}`);
    console.log(`\nMessages\n${renderTable(figures)}\n`);
    for (const difference of differences.slice(0, shownDifferences)) console.log(`difference: ${difference}`);
    console.log(
      differences.length === 0
        ? 'Everything is accounted for.'
        : `${differences.length} differences with seed ${seed}.`,
    );
    return differences.length === 0 ? 0 : 1;
  } finally {
    await run.stop();
  }
}

/** Greets, then posts all lanes side by side through the weather; answers how often each trouble struck. */
async function play(
  run: LocalRun,
  plan: readonly Lane[],
  accepted: Accepted,
  { minutes, seed }: SoakOptions,
): Promise<Map<string, number>> {
  const { customersTable } = await connect({ dir: run.dir });
  const all = countWebhooks(plan);
  await Promise.all(plan.map(({ greetings }) => postLane(run, greetings, accepted, () => false)));
  await untilQueuesAreEmpty(run);

  const deadline = Date.now() + minutes * 60_000;
  let isDone = false;
  const isOver = () => isDone || Date.now() > deadline;
  const brake = new Brake(run, customersTable);
  const progress = setInterval(() => {
    console.log(`${accepted.webhooks} of ${all} webhooks, ${accepted.postedAgain} posted again`);
  }, 5000);
  const postAll = async (): Promise<void> => {
    try {
      await Promise.all(
        plan.map(async ({ steps }) => {
          for (const step of steps) {
            await brake.wait();
            await postLane(run, [step], accepted, isOver);
          }
        }),
      );
    } finally {
      isDone = true;
      clearInterval(progress);
    }
  };
  const [struck] = await Promise.all([
    makeWeather(run, new Random(seed), isOver, () => brake.isBehind),
    brake.watch(isOver),
    postAll(),
  ]);
  return struck;
}

/** Keeps posting from running away from delivering. */
class Brake {
  readonly #run: LocalRun;
  readonly #customersTable: string;
  #isBehind = false;

  constructor(run: LocalRun, customersTable: string) {
    this.#run = run;
    this.#customersTable = customersTable;
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  async wait(): Promise<void> {
    while (this.#isBehind) await sleep(100);
  }

  async watch(isOver: () => boolean): Promise<void> {
    try {
      while (!isOver()) {
        this.#isBehind = (await countBacklog(this.#run, this.#customersTable)) > mostWaiting;
        await sleep(500);
      }
    } finally {
      this.#isBehind = false;
    }
  }
}

/** Messages that are on their way, in queues or behind fences. */
async function countBacklog(run: LocalRun, customersTable: string): Promise<number> {
  return sumOf(await countWaiting(run)) + (await countParked(customersTable));
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

async function untilQueuesAreEmpty(run: LocalRun): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (sumOf(await countWaiting(run)) === 0) return;
    if (Date.now() > deadline) throw new Error(`the greetings were not delivered: ${run.printed()}`);
    await sleep(200);
  }
}

/** Looks until nothing differs, or for some minutes; answers the last look. */
async function settle(run: LocalRun, accepted: Accepted, startedAt: number) {
  const connection = await connect({ dir: run.dir });
  const deadline = Date.now() + settleMs;
  // A whole look reads everything there is, which would hold up what is waited for.
  for (;;) {
    const backlog = await countBacklog(run, connection.customersTable);
    if (backlog === 0 || Date.now() > deadline) break;
    console.log(`${backlog} messages are on their way …`);
    await sleep(3000);
  }
  for (;;) {
    const observed: Observed = await observe(run, connection, accepted, startedAt);
    const reckoning = reckon(accepted, observed);
    if (reckoning.differences.length === 0 || Date.now() > deadline) return reckoning;
    console.log(`${reckoning.differences.length} things are not yet as they should be …`);
    await sleep(3000);
  }
}

/** The start of a JPEG file, and some bytes. */
async function storeFile({ meta }: LocalRun): Promise<StoredFile> {
  const bytes = new Uint8Array(2000).fill(1);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  const response = await fetch(`${meta}/_media`, {
    method: 'POST',
    headers: { 'content-type': 'image/jpeg' },
    body: bytes,
  });
  const { id, sha256 } = (await response.json()) as { id: string; sha256: string };
  return { id, sha256, mime_type: 'image/jpeg' };
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

function renderTable(rows: readonly (readonly [string, number])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(7)}`).join('\n');
}

try {
  const options = parseOptions(process.argv.slice(2), Math.random);
  if (options === 'help') console.log(usage);
  else process.exitCode = await soak(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
