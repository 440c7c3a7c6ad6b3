// The command line of the soak. Unknown options are refused.

export interface SoakOptions {
  /** Signed webhooks to post. */
  messages: number;
  /** Posting ends then, however many were posted. */
  minutes: number;
  seed: number;
  /** A cloud assembly that is synthesized already. */
  assembly?: string;
}

export const usage = `Posts signed webhooks through trouble, then accounts for every single message.

  npm run soak -- [options]

  --messages N     signed webhooks to post (default 10000)
  --minutes N      stop posting after this time (default 20)
  --seed N         what is written and which troubles come (default: by chance, printed)
  --assembly DIR   use this cloud assembly instead of synthesizing one
  --help           this text

Exit codes: 0 everything is accounted for, 1 something differs (listed by id) or the run broke, 2 usage.`;

/** The command line is not understood. */
export class UsageError extends Error {}

const names = ['--messages', '--minutes', '--seed'];

/** @returns `'help'` when the usage is asked for. @throws UsageError naming what is not understood. */
export function parseOptions(args: readonly string[], chance: () => number): SoakOptions | 'help' {
  const numbers = new Map<string, number>();
  let assembly: string | undefined;
  for (let index = 0; index < args.length; index += 2) {
    const [name = '', value = ''] = args.slice(index, index + 2);
    if (name === '--help') return 'help';
    if (name === '--assembly' && value !== '') {
      assembly = value;
    } else if (names.includes(name) && /^\d{1,9}$/.test(value)) {
      numbers.set(name, Number(value));
    } else {
      throw new UsageError(`not understood: ${`${name} ${value}`.trim()}; see --help`);
    }
  }
  return {
    messages: Math.max(1, numbers.get('--messages') ?? 10_000),
    minutes: Math.max(1, numbers.get('--minutes') ?? 20),
    seed: numbers.get('--seed') ?? Math.floor(chance() * 1_000_000),
    ...(assembly === undefined ? {} : { assembly }),
  };
}
