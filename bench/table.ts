// What the measures found, as one table.

/** One line of the table; without a budget it is printed for information. */
export interface Figure {
  measure: string;
  value: number;
  /** Digits after the point; 0 when left out. */
  digits?: number;
  unit?: string;
  /** Largest value allowed. */
  budget?: number;
}

/** A figure that is no number is over its budget too: nothing was measured. */
export function isOver({ value, budget }: Figure): boolean {
  return budget !== undefined && !(value <= budget);
}

export function renderTable(figures: readonly Figure[]): string {
  const rows = [['measure', 'figure', 'budget', ''], ...figures.map(renderRow)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [first = 0, second = 0, third = 0] = widths;
  const lines = rows.map(([measure = '', figure = '', budget = '', verdict = '']) =>
    `${measure.padEnd(first)}  ${figure.padStart(second)}  ${budget.padStart(third)}  ${verdict}`.trimEnd(),
  );
  lines.splice(1, 0, '-'.repeat(first + second + third + 10));
  return lines.join('\n');
}

function renderRow(figure: Figure): string[] {
  const { measure, value, digits = 0, unit = '', budget } = figure;
  const shown = `${value.toFixed(digits)}${unit && ` ${unit}`}`;
  if (budget === undefined) return [measure, shown, '', ''];
  return [measure, shown, `≤ ${budget}`, isOver(figure) ? 'OVER' : 'ok'];
}
