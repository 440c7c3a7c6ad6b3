// What an operator can change without a deploy, and how it is laid over the tenant file.

export interface Switches {
  /** Suspends the whole tenant. */
  suspended: boolean;
  /** By phone number id; a number that is not named follows the tenant file. */
  numbers: ReadonlyMap<string, { suspended: boolean }>;
  /** Behaviours by name. */
  flags: Readonly<Record<string, boolean>>;
}

/** Where nothing is switched, the tenant file stands. */
export const noSwitches: Switches = { suspended: false, numbers: new Map(), flags: {} };

/** Reads switches strictly: a misspelt one must not pass for one that is off. @throws SyntaxError saying what is wrong. */
export function parseSwitches(text: string): Switches {
  const { suspended = false, numbers = {}, flags = {}, ...unknown } = requireObject(parse(text), 'the value');
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw new SyntaxError('there is a key besides suspended, numbers and flags');
  return {
    suspended: requireFlag(suspended, 'suspended'),
    numbers: new Map(
      Object.entries(requireObject(numbers, 'numbers')).flatMap(([id, value]) => {
        const { suspended: ofNumber, ...rest } = requireObject(value, 'a number');
        if (Object.keys(rest).length > 0) throw new SyntaxError('a number has a key besides suspended');
        return ofNumber === undefined ? [] : [[id, { suspended: requireFlag(ofNumber, 'suspended') }]];
      }),
    ),
    flags: Object.fromEntries(
      Object.entries(requireObject(flags, 'flags')).map(([name, flag]) => [
        name,
        requireFlag(flag, 'a flag'),
      ]),
    ),
  };
}

/** The numbers of the tenant as they stand now. */
export function applySwitches<N extends { suspended: boolean }>(
  numbers: ReadonlyMap<string, N>,
  switches: Switches,
): ReadonlyMap<string, N> {
  if (switches === noSwitches) return numbers;
  return new Map(
    [...numbers].map(([id, number]) => {
      const suspended = switches.suspended || (switches.numbers.get(id)?.suspended ?? number.suspended);
      return [id, { ...number, suspended }];
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError('the value is not JSON');
  }
}

function requireObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new SyntaxError(`${name} is not an object`);
}

function requireFlag(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new SyntaxError(`${name} is neither true nor false`);
}
