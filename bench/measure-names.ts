// The command line: everything is measured unless `--only` names some.

export const measureNames = [
  'door-cpu',
  'genesys-ack',
  'bundle-size',
  'sdk-calls',
  'batch-concurrency',
] as const;

export type MeasureName = (typeof measureNames)[number];

/** @throws Error that says what may be given. */
export function chooseMeasures(args: readonly string[]): readonly MeasureName[] {
  const chosen: MeasureName[] = [];
  for (let index = 0; index < args.length; index += 2) {
    const name = measureNames.find((known) => known === args[index + 1]);
    if (args[index] !== '--only' || name === undefined) {
      throw new Error(
        `usage: npm run bench -- [--only NAME]…, where NAME is one of ${measureNames.join(', ')}`,
      );
    }
    chosen.push(name);
  }
  return chosen.length === 0 ? measureNames : chosen;
}
