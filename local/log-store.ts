// Every line the functions print, the newest ones kept.

export interface LogRow {
  seq: number;
  at: number;
  function: string;
  /** Parsed when it is JSON, else the text. */
  line: unknown;
}

interface StoredRow extends Omit<LogRow, 'line'> {
  text: string;
}

export class LogStore {
  readonly #limit: number;
  #rows: StoredRow[] = [];
  #seq = 0;

  constructor(limit = 100_000) {
    this.#limit = limit;
  }

  add(functionName: string, text: string): void {
    this.#rows.push({ seq: ++this.#seq, at: Date.now(), function: functionName, text });
    // Cut in big steps: one slice per many lines costs nothing, one shift per line does.
    if (this.#rows.length > this.#limit * 1.5) this.#rows = this.#rows.slice(-this.#limit);
  }

  /** Rows with a higher `seq`, oldest first; `seq` counts from 1 and is never reset. */
  since(seq: number): LogRow[] {
    const first = this.#rows[0]?.seq ?? 1;
    return this.#rows.slice(Math.max(0, seq + 1 - first)).map(({ text, ...row }) => ({
      seq: row.seq,
      at: row.at,
      function: row.function,
      line: parseLine(text),
    }));
  }
}

/** Splits a stream of chunks into lines; `end` gives out what is left without a line end. */
export function splitLines(onLine: (line: string) => void): {
  write: (chunk: string) => void;
  end: () => void;
} {
  let rest = '';
  return {
    write: (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end: () => {
      if (rest) onLine(rest);
      rest = '';
    },
  };
}

function parseLine(text: string): unknown {
  if (!text.startsWith('{')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
