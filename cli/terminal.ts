// How progress and results look: one line that is rewritten on a terminal, plain lines everywhere else.

export interface Terminal {
  line(text: string): void;
  /** Shows how far something is; rewritten in place on a terminal. */
  progress(label: string, done: number, total: number): void;
  /** Ends the line of progress. */
  settle(): void;
}

const barWidth = 24;

export function createTerminal(out: NodeJS.WriteStream = process.stdout): Terminal {
  let shown = '';
  const settle = (): void => {
    if (shown !== '' && out.isTTY) out.write('\n');
    shown = '';
  };
  return {
    line(text) {
      settle();
      out.write(`${text}\n`);
    },
    progress(label, done, total) {
      const text = renderProgress(label, done, total);
      if (text === shown) return;
      shown = text;
      out.write(out.isTTY ? `\r${text}\u001b[K` : `${text}\n`);
    },
    settle,
  };
}

/** `parked   [██████······] 12 of 24` */
export function renderProgress(label: string, done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const full = Math.floor(share * barWidth);
  return `${label.padEnd(10)} [${'█'.repeat(full)}${'·'.repeat(barWidth - full)}] ${done} of ${total}`;
}

/** Two columns, names on the left, figures on the right; rows without a figure are left out. */
export function renderFigures(rows: readonly (readonly [string, number | undefined])[]): string[] {
  const shown = rows.filter(([, value]) => value !== undefined && value !== 0);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  const digits = Math.max(0, ...shown.map(([, value]) => String(value).length));
  return shown.map(([name, value]) => `  ${name.padEnd(width)}  ${String(value).padStart(digits)}`);
}

/** `1 message`, `2 messages`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
