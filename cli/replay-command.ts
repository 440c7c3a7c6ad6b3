// `bridge replay`: gives the order, shows how it goes, and says what came of it.
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { PlannedCall, ReplayOrder, ReplaySelection } from '../lambdas/core/model/replay.ts';
import { replayNumber } from '../lambdas/core/policy/replay.ts';
import { parseOptions, placeOptions, readList, readStatuses, readTime } from './arguments.ts';
import { CommandError, exitCodes } from './command-error.ts';
import type { Command } from './commands.ts';
import { connect } from './connect.ts';
import type { ReplayClient, ReplayEnd } from './replay-client.ts';
import { countOf, renderFigures, type Terminal } from './terminal.ts';

const usage = `Delivers messages again that ended undelivered, or finds and delivers what was never processed.

  npx bridge replay (--ids … | --customer … | --from … | --status … | --raw) [options]

Which messages; all conditions given must hold:
  --ids A,B,C        ids of WhatsApp or of Genesys
  --customer X       a phone (digits) or BSUID
  --from T, --to T   accepted in this time: 2026-11-20, 2026-11-20T10:15Z, or how long ago: 90m, 6h, 3d
  --status S,S       PARKED, HELD, QUARANTINED, FAILED or EXPIRED
  --raw              look in the raw archive, also for what the ledger never heard of or has forgotten

What is done:
  --dry-run          nothing but print the exact requests that would be made
  --force            deliver even what was delivered or has expired; a copy, recorded as forced
  --reason TEXT      why, kept with every forced copy; required with --force
  --yes              do not ask before a replay of more than 100 messages
  --no-wait          end when the messages are parked, without waiting for their delivery

Where:
  --dir DIR          a local run (default .local)
  --tenant NAME --stage S

Replayed messages keep their customers' order: they go on the park list, and what a customer writes meanwhile waits
behind them. What was delivered already is said to be so and left alone. PARKED messages are tried at once.

Exit codes: 0 all is delivered (or the dry run is complete), 1 something is left to look at, 2 usage, 3 unreachable.`;

const options = {
  ...placeOptions,
  ids: 'string',
  customer: 'string',
  from: 'string',
  to: 'string',
  status: 'string',
  raw: 'boolean',
  'dry-run': 'boolean',
  force: 'boolean',
  reason: 'string',
  yes: 'boolean',
  'no-wait': 'boolean',
} as const;

const largestUnasked = 100;

export const replayCommand: Command = {
  summary: 'deliver again what ended undelivered, by id, customer, time, status or from the raw archive',
  usage,
  async run(args, terminal) {
    const values = parseOptions(args, options);
    const now = Date.now();
    const selection = readSelection(values, now);
    const order: ReplayOrder = {
      number: replayNumber(now, randomBytes(3).toString('hex')),
      at: now,
      selection,
      dryRun: values['dry-run'] ?? false,
      operator: readOperator(),
      ...readForce(values),
    };
    const connection = await connect(values);
    const { createReplayClient } = await import('./replay-client.ts');
    const client = createReplayClient(connection);
    if (!order.dryRun && !values.yes) await refuseUnseen(order, client, terminal);
    const end = await client.run(order, (label, done, total) => terminal.progress(label, done, total));
    terminal.settle();
    if (order.dryRun) return reportDryRun(end, terminal);
    const delivered =
      values['no-wait'] || isNothingDone(end)
        ? undefined
        : await client.untilDelivered(end, (done, total) => terminal.progress('delivered', done, total));
    return report(end, delivered, terminal);
  },
};

function readSelection(values: Record<string, string | boolean | undefined>, now: number): ReplaySelection {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const [ids, customer, from, to, status] = ['ids', 'customer', 'from', 'to', 'status'].map(text);
  const selection: ReplaySelection = {
    ...(ids === undefined ? {} : { ids: readList(ids, 'ids') }),
    ...(customer === undefined ? {} : { customer: readCustomer(customer) }),
    ...(from === undefined ? {} : { from: readTime(from, 'from', now) }),
    ...(to === undefined ? {} : { to: readTime(to, 'to', now) }),
    ...(status === undefined ? {} : { statuses: readStatuses(status, 'status') }),
    ...(values.raw ? { raw: true } : {}),
  };
  if (Object.keys(selection).length === 0)
    throw new CommandError('say which messages: --ids, --customer, --from, --status or --raw; see --help');
  if (selection.from !== undefined && selection.to !== undefined && selection.from >= selection.to)
    throw new CommandError('--from is not before --to');
  return selection;
}

function readCustomer(text: string): string {
  const digits = text.replace(/^\+/, '');
  if (/^\d{5,20}$/.test(digits) || /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/.test(text)) {
    return /^\d/.test(digits) ? digits : text;
  }
  throw new CommandError(
    `--customer: '${text}' is neither a phone (digits) nor a BSUID such as GB.77001122334455`,
  );
}

function readForce({
  force,
  reason,
}: Record<string, string | boolean | undefined>): Pick<ReplayOrder, 'forced'> {
  const given = typeof reason === 'string' ? reason.trim() : '';
  if (!force) {
    if (given !== '') throw new CommandError('--reason is for --force');
    return {};
  }
  if (given === '') throw new CommandError('--force needs --reason: it is kept with every copy');
  return { forced: given.slice(0, 200) };
}

function readOperator(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}

function isNothingDone({ results }: ReplayEnd): boolean {
  return results.every(({ outcome }) => outcome === 'left-alone' || outcome === 'failed');
}

/** A wide selection is shown as figures first. */
async function refuseUnseen(order: ReplayOrder, client: ReplayClient, terminal: Terminal): Promise<void> {
  const { ids } = order.selection;
  if (ids && ids.length <= largestUnasked) return;
  const number = `${order.number}-look`;
  const { summary } = await client.run({ ...order, number, dryRun: true }, () => undefined);
  if (summary.messages <= largestUnasked) return;
  terminal.line(`This selection holds ${summary.messages} messages:`);
  for (const line of renderFigures(Object.entries(summary.byVerdict))) terminal.line(line);
  throw new CommandError('give --yes to replay them all, or narrow the selection', exitCodes.unfinished);
}

function reportDryRun({ summary, calls, unknown }: ReplayEnd, terminal: Terminal): number {
  for (const call of calls) terminal.line(renderCall(call));
  terminal.line(
    `${countOf(summary.messages, 'message')} found, ${countOf(calls.length, 'request')} would be made:`,
  );
  for (const line of renderFigures(Object.entries(summary.byVerdict))) terminal.line(line);
  return tellUnknown(unknown, terminal) || summary.chunksFailed > 0 ? exitCodes.unfinished : exitCodes.done;
}

/** One call as its method, address and exact body. */
function renderCall({ id, method, url, body, note }: PlannedCall): string {
  const lines = [`# ${id}${note === undefined ? '' : `: ${note}`}`, `${method} ${url}`, JSON.stringify(body)];
  return `${lines.join('\n')}\n`;
}

function report(
  { summary, failures, unknown }: ReplayEnd,
  delivered: Awaited<ReturnType<ReplayClient['untilDelivered']>> | undefined,
  terminal: Terminal,
): number {
  terminal.line(`Replay ${summary.number}: ${countOf(summary.messages, 'message')}`);
  const { parked = 0, queued = 0, hurried = 0, failed = 0 } = summary.byOutcome;
  const figures = [
    ['already delivered', summary.byVerdict['already-delivered']],
    ['on their way by themselves', summary.byVerdict['on-its-way']],
    ['need --force', summary.byVerdict['needs-force']],
    ['erased', summary.byVerdict.erased],
    ['put on park lists', parked],
    ['put into the queue', queued],
    ['parked ones tried at once', hurried],
    ['not possible', failed],
    ['chunks given up', summary.chunksFailed],
    ...Object.entries(delivered?.byStatus ?? {}).map(([status, count]) => [`now ${status}`, count] as const),
  ] as const;
  for (const line of renderFigures(figures)) terminal.line(line);
  for (const { id, reason } of failures) terminal.line(`  ${id}: ${reason}`);
  const isUnknown = tellUnknown(unknown, terminal);
  const { 'needs-force': unforced = 0 } = summary.byVerdict;
  const left = failed + unforced + summary.chunksFailed + (delivered?.undelivered ?? 0);
  return left > 0 || isUnknown ? exitCodes.unfinished : exitCodes.done;
}

function tellUnknown(unknown: readonly string[], terminal: Terminal): boolean {
  if (unknown.length === 0) return false;
  terminal.line(`not found in the ledger: ${unknown.join(', ')}; --raw looks in the archive`);
  return true;
}
