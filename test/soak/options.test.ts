import { parseOptions } from '../../soak/options.ts';

describe('the options of the soak', () => {
  const parse = (...args: string[]) => parseOptions(args, () => 0.25);

  it('have defaults, and a seed by chance', () => {
    expect(parse()).toEqual({ messages: 10_000, minutes: 20, seed: 250_000 });
  });

  it('are taken as given', () => {
    expect(parse('--messages', '300', '--seed', '5', '--minutes', '2', '--assembly', 'x')).toEqual({
      messages: 300,
      minutes: 2,
      seed: 5,
      assembly: 'x',
    });
    expect(parse('--help')).toBe('help');
  });

  it.each([['--mesages', '3'], ['--messages', 'many'], ['--messages'], ['--assembly']])(
    '%s %s is refused',
    (...args) => {
      expect(() => parse(...args.filter(Boolean))).toThrow(`not understood: ${args.join(' ')};`);
    },
  );
});
