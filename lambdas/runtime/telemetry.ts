// One wide JSON line per thing that happened. Counters ride on the next line in CloudWatch's embedded metric format,
// so that metrics cost no call and no line of their own.
import { BridgeError } from '../core/errors.ts';
import type { Telemetry } from '../core/ports.ts';
import { metricNamespace } from './env.ts';
import type { ProblemLogger } from './logger.ts';
import { blankPersonal } from './redaction.ts';

type Fields = Record<string, string | number | boolean | undefined>;

export interface FlushedTelemetry extends Telemetry {
  /** Writes counters that no line has carried yet; called at the end of every invocation. */
  flush(): void;
}

export interface TelemetryOptions {
  tenant: string;
  stage: string;
  functionName: string;
  logger: ProblemLogger;
  now?: () => number;
  writeLine?: (line: string) => void;
}

export function createTelemetry(options: TelemetryOptions): FlushedTelemetry {
  const { tenant, stage, functionName, logger } = options;
  const now = options.now ?? Date.now;
  // Lambda passes standard output on as it is; console.log would wrap the line.
  const writeLine = options.writeLine ?? ((line: string) => process.stdout.write(`${line}\n`));
  const counters = new Map<string, number>();
  const origin = renderMembers({ tenant, stage, function: functionName });

  // Put together from parts: as one object it would take twice the time, and a door writes it for every webhook.
  const write = (event: string, fields: Fields): void => {
    const timestamp = now();
    const own = renderMembers(blankPersonal(fields));
    let line = `{"event":"${event}","timestamp":${timestamp},${origin}`;
    if (own !== '') line += `,${own}`;
    if (counters.size > 0) line += `,${renderMetrics(counters, timestamp)}`;
    counters.clear();
    writeLine(`${line}}`);
  };

  return {
    count(metric, value = 1) {
      if (value !== 0) counters.set(metric, (counters.get(metric) ?? 0) + value);
    },
    event: write,
    problem(name, error, fields = {}) {
      logger.error(name, { ...fields, ...describe(error) });
    },
    flush() {
      if (counters.size > 0) write('invocation.counted', {});
    },
  };
}

/** Members of a JSON object without its braces. */
function renderMembers(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}

/** The counters, and what tells CloudWatch that they are metrics. */
function renderMetrics(counters: ReadonlyMap<string, number>, timestamp: number): string {
  let values = '';
  let metrics = '';
  for (const [name, value] of counters) {
    values += `"${name}":${value},`;
    metrics += `${metrics === '' ? '' : ','}{"Name":"${name}","Unit":"Count"}`;
  }
  return `${values}"_aws":{"Timestamp":${timestamp},"CloudWatchMetrics":[{"Namespace":"${metricNamespace}","Dimensions":[["tenant","stage","function"]],"Metrics":[${metrics}]}]}`;
}

/** What an error may say in a log: its kind, codes and our own words; never the words of a library, which may quote data. */
function describe(error: unknown): Fields {
  if (error instanceof BridgeError) {
    const cause = error.cause instanceof Error ? error.cause.name : undefined;
    return { kind: error.kind, next: error.next, reason: error.message, cause, ...error.details };
  }
  // Only lines of the trace: a message of several lines stands before them.
  const trace =
    error instanceof Error ? error.stack?.split('\n').filter((line) => /^ +at /.test(line)) : undefined;
  const stack = trace?.slice(0, 5).join('\n');
  return { kind: 'invariant-broken', reason: error instanceof Error ? error.name : typeof error, stack };
}
