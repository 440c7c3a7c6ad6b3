import { BridgeError } from '../lambdas/core/errors.ts';
import type { Telemetry } from '../lambdas/core/ports.ts';

/** Problems the bridge has a name for are part of the game; anything else is a bug. */
export function watchTelemetry(wrongMoves: string[]): Telemetry {
  return {
    count: () => undefined,
    event: () => undefined,
    problem: (name, error) => {
      if (!(error instanceof BridgeError))
        wrongMoves.push(`${name}: ${error instanceof Error ? error.stack : error}`);
    },
  };
}
