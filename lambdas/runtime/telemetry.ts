// One wide JSON line per thing that happened. Counters ride on the next line in CloudWatch's embedded metric format,
// so that metrics cost no call and no line of their own.
import type { Logger } from '@aws-lambda-powertools/logger';
import { BridgeError } from '../core/errors.ts';
import type { Telemetry } from '../core/ports.ts';

type Fields = Record<string, string | number | boolean | undefined>;

export interface FlushedTelemetry extends Telemetry {
  /** Writes counters that no line has carried yet; called at the end of every invocation. */
  flush(): void;
}

export interface TelemetryOptions {
  tenant: string;
  stage: string;
  functionName: string;
  logger: Pick<Logger, 'error'>;
  now?: () => number;
  writeLine?: (line: string) => void;
}

/** Namespace of every metric of the bridge. */
export const metricNamespace = 'WhatsAppGenesysBridge';

export function createTelemetry(options: TelemetryOptions): FlushedTelemetry {
  const { tenant, stage, functionName, logger } = options;
  const now = options.now ?? Date.now;
  // Lambda passes standard output on as it is; console.log would wrap the line.
  const writeLine = options.writeLine ?? ((line: string) => process.stdout.write(`${line}\n`));
  const counters = new Map<string, number>();

  const write = (event: string, fields: Fields): void => {
    const timestamp = now();
    const line: Record<string, unknown> = {
      event,
      timestamp,
      tenant,
      stage,
      function: functionName,
      ...fields,
    };
    if (counters.size > 0) {
      const Metrics = [];
      for (const [metric, value] of counters) {
        Metrics.push({ Name: metric, Unit: 'Count' });
        line[metric] = value;
      }
      line._aws = {
        Timestamp: timestamp,
        CloudWatchMetrics: [
          { Namespace: metricNamespace, Dimensions: [['tenant', 'stage', 'function']], Metrics },
        ],
      };
      counters.clear();
    }
    writeLine(JSON.stringify(line));
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

/** What an error may say in a log: its kind, codes and our own words; never the words of a library, which may quote data. */
function describe(error: unknown): Fields {
  if (error instanceof BridgeError) {
    const cause = error.cause instanceof Error ? error.cause.name : undefined;
    return { kind: error.kind, next: error.next, reason: error.message, cause, ...error.details };
  }
  const stack = error instanceof Error ? error.stack?.split('\n').slice(1, 6).join('\n') : undefined;
  return { kind: 'invariant-broken', reason: error instanceof Error ? error.name : typeof error, stack };
}
