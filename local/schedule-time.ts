// When a rule's schedule expression is due: rates, and crons that say minutes and hours only.

/** @returns the ms from `now` to the next time the schedule is due, always more than 0. */
export type NextDue = (now: number) => number;

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const minuteMs = 60_000;

/** Times are those of UTC, as on AWS. @throws Error on an expression the local run cannot follow. */
export function readSchedule(expression: string, where: string): NextDue {
  const rate = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) {
    const every = Number(rate[1]) * (unitMs[rate[2] ?? ''] ?? 0);
    return () => every;
  }
  const cron = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(expression);
  const [minutes, hours] = [readField(cron?.[1], 59), readField(cron?.[2], 23)];
  const isEveryDay = cron?.slice(3).every((field) => field === '*' || field === '?');
  if (!minutes || !hours || !isEveryDay) {
    throw new Error(`${where}: the local run does not know the schedule ${expression}`);
  }
  return (now) => {
    let due = now - (now % minuteMs) + minuteMs;
    for (; ; due += minuteMs) {
      const time = new Date(due);
      if (minutes.has(time.getUTCMinutes()) && hours.has(time.getUTCHours())) return due - now;
    }
  };
}

/** `*`, `5`, `0,30` or `0/5`; undefined for anything else. */
function readField(field: string | undefined, last: number): Set<number> | undefined {
  if (field === '*') return new Set(range(0, last, 1));
  const step = /^(\d+|\*)\/([1-9]\d*)$/.exec(field ?? '');
  if (step) return new Set(range(step[1] === '*' ? 0 : Number(step[1]), last, Number(step[2])));
  if (!/^\d+(,\d+)*$/.test(field ?? '')) return undefined;
  const values = (field ?? '').split(',').map(Number);
  return values.every((value) => value <= last) ? new Set(values) : undefined;
}

function range(first: number, last: number, step: number): number[] {
  const values: number[] = [];
  for (let value = first; value <= last; value += step) values.push(value);
  return values;
}
