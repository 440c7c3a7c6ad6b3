// `bridge audit`: received = the sum over the statuses, or the list of what is missing.
import { auditConservation, isBalanced } from '../lambdas/flows/audit-conservation.ts';
import { parseOptions, placeOptions, readTime } from './arguments.ts';
import { CommandError, exitCodes } from './command-error.ts';
import type { Command } from './commands.ts';
import { connect } from './connect.ts';
import { countOf, renderFigures } from './terminal.ts';

const usage = `Counts the messages the bridge accepted in a time and says where each of them is.

  npx bridge audit [--from T] [--to T]

  --from T         accepted at or after (default 24h): 2026-11-20, 2026-11-20T10:15Z, or how long ago: 90m, 6h, 3d
  --to T           accepted before (default now)
  --dir DIR        a local run (default .local)
  --tenant NAME --stage S

Received is counted from the raw archive, the rest from the ledger. Both must agree; what is in the archive and not in
the ledger is listed by id. Messages accepted a moment ago may still wait in the queue.
An archive object that could not be written (metric ArchiveFailures) is not counted as received.

Exit codes: 0 everything is accounted for, 1 something is missing, 2 usage, 3 unreachable.`;

const shownDifferences = 50;

export const auditCommand: Command = {
  summary: 'say where every accepted message is, and list what is missing',
  usage,
  async run(args, terminal) {
    const values = parseOptions(args, { ...placeOptions, from: 'string', to: 'string' });
    const now = Date.now();
    const range = {
      from: readTime(values.from ?? '24h', 'from', now),
      to: values.to === undefined ? now : readTime(values.to, 'to', now),
    };
    if (range.from >= range.to) throw new CommandError('--from is not before --to');
    const connection = await connect(values);
    const { createAuditPorts } = await import('./audit-ports.ts');
    const report = await auditConservation(range, {
      ...createAuditPorts(connection),
      onProgress: (webhooks) => terminal.progress('reading', webhooks, webhooks),
    });
    const { webhooks, received, repeats, ignored, byStatus, ambiguous, differences } = report;
    const [from, to] = [range.from, range.to].map((at) => new Date(at).toISOString());
    terminal.line(
      `Accepted from ${from} to ${to}, in ${countOf(webhooks, 'webhook')}: ${countOf(received, 'message')}`,
    );
    for (const line of renderFigures(Object.entries(byStatus))) terminal.line(line);
    const besides = [
      ['came more than once', repeats],
      ['shown to nobody by decision', ignored],
      ['of all, delivered perhaps twice (ambiguous)', ambiguous],
    ] as const;
    for (const line of renderFigures(besides)) terminal.line(line);
    for (const { id, rawKey } of differences.slice(0, shownDifferences))
      terminal.line(`missing: ${id} of ${rawKey}`);
    if (differences.length > shownDifferences)
      terminal.line(`and ${differences.length - shownDifferences} more`);
    const balanced = isBalanced(report);
    terminal.line(
      balanced
        ? 'Everything received is accounted for.'
        : `Of ${countOf(differences.length, 'message')} in the archive the ledger has no record; replay them with: npx bridge replay --raw --from … --to …`,
    );
    return balanced ? exitCodes.done : exitCodes.unfinished;
  },
};
