// The runtime switches: one small parameter per stage, kept for a minute. While it cannot be read, the last known
// switches stand, and before the first reading the tenant file: an outage of SSM must neither stop nor start a number.
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { BridgeError } from '../../core/errors.ts';
import type { Switches } from '../../core/policy/switches.ts';
import { noSwitches, parseSwitches } from '../../core/policy/switches.ts';
import type { Clock, SwitchBoard, Telemetry } from '../../core/ports.ts';
import { clientSettings } from './clients.ts';

const keptMs = 60_000;
/** Messages wait for it once a minute. */
const deadlineMs = 1000;

export function createSsmClient(): SSMClient {
  return new SSMClient({ ...clientSettings, maxAttempts: 2 });
}

export function createSsmSwitches(
  client: SSMClient,
  parameter: string,
  { clock, telemetry }: { clock: Clock; telemetry: Telemetry },
): SwitchBoard {
  let known = noSwitches;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<Switches> | undefined;

  const refresh = async (): Promise<Switches> => {
    try {
      known = parseSwitches(await read(client, parameter));
    } catch (error) {
      telemetry.count('SwitchesUnreadable');
      telemetry.problem('switches.unreadable', toFailure(error, parameter));
    }
    readAt = clock.now();
    reading = undefined;
    return known;
  };

  return {
    async read() {
      if (clock.now() - readAt < keptMs) return known;
      reading ??= refresh();
      return reading;
    },
  };
}

async function read(client: SSMClient, parameter: string): Promise<string> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter }), {
    abortSignal: AbortSignal.timeout(deadlineMs),
  });
  return Parameter?.Value ?? '';
}

function toFailure(error: unknown, parameter: string): BridgeError {
  // Our own words about the form; those of the SDK may be anything.
  const code = error instanceof SyntaxError ? error.message : (error as Error).name;
  return new BridgeError('store-unavailable', `parameter ${parameter} is not usable: ${code}`, {}, error);
}
