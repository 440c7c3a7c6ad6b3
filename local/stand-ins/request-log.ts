/** One provider-API request as handled; `applied` only on rows that met a fault. */
export interface RequestRow {
  seq: number;
  at: number;
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  body: unknown;
  status: number | null;
  response: unknown;
  applied?: boolean;
}

const largestRows = 50_000;
const largestBytes = 256 * 1024 * 1024;

/** Remembers the latest requests, bounded by number and by bytes; `seq` counts from 1 and is never reset. */
export class RequestLog {
  #rows: { row: RequestRow; sizeBytes: number }[] = [];
  #totalBytes = 0;
  #lastSeq = 0;
  readonly #limits: { rows: number; bytes: number };

  constructor(limits = { rows: largestRows, bytes: largestBytes }) {
    this.#limits = limits;
  }

  add(row: Omit<RequestRow, 'seq'>, sizeBytes: number): void {
    this.#lastSeq += 1;
    this.#rows.push({ row: { seq: this.#lastSeq, ...row }, sizeBytes });
    this.#totalBytes += sizeBytes;
    let surplus = 0;
    while (
      surplus < this.#rows.length - 1 &&
      (this.#rows.length - surplus > this.#limits.rows || this.#totalBytes > this.#limits.bytes)
    ) {
      this.#totalBytes -= this.#rows[surplus]?.sizeBytes ?? 0;
      surplus += 1;
    }
    if (surplus > 0) this.#rows.splice(0, surplus);
  }

  /** Rows with `seq` above the given one, oldest first. */
  list(since: number): RequestRow[] {
    return this.#rows.filter(({ row }) => row.seq > since).map(({ row }) => row);
  }

  clear(): void {
    this.#rows = [];
    this.#totalBytes = 0;
  }
}
