// Sums the metrics embedded in log lines, as CloudWatch would with the statistic Sum.

interface EmbeddedMetrics {
  _aws?: {
    CloudWatchMetrics?: { Namespace: string; Dimensions?: string[][]; Metrics?: { Name: string }[] }[];
  };
  [property: string]: unknown;
}

/** Namespace → `metric`, and `metric{dimension=value,…}` per dimension set → sum. */
export type MetricSums = Record<string, Record<string, number>>;

export class MetricStore {
  readonly #sums: MetricSums = {};

  /** Takes any log line; those without embedded metrics change nothing. */
  addLine(text: string): void {
    if (!text.includes('"CloudWatchMetrics"')) return;
    const line = parseObject(text);
    for (const { Namespace, Dimensions = [], Metrics = [] } of line?._aws?.CloudWatchMetrics ?? []) {
      for (const { Name } of Metrics) {
        const value = sumValues(line?.[Name]);
        this.#add(Namespace, Name, value);
        for (const names of Dimensions) {
          if (names.length === 0) continue;
          const labels = names.map((name) => `${name}=${String(line?.[name])}`);
          this.#add(Namespace, `${Name}{${labels.join(',')}}`, value);
        }
      }
    }
  }

  read(): MetricSums {
    return this.#sums;
  }

  #add(namespace: string, metric: string, value: number): void {
    this.#sums[namespace] ??= {};
    const sums = this.#sums[namespace];
    sums[metric] = (sums[metric] ?? 0) + value;
  }
}

function parseObject(text: string): EmbeddedMetrics | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The format allows one number or a list of numbers. */
function sumValues(value: unknown): number {
  return [value].flat().reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : 0), 0);
}
