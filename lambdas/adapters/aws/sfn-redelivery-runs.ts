// Starts the state machine that drains one customer's park. Names and inputs of executions are kept and shown by AWS:
// what stands in them for the customer is a keyed hash, and the way back is an item of ours.
import type { SFNClient } from '@aws-sdk/client-sfn';
import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Pseudonyms } from '../../core/ports.ts';
import type { FenceHandles, RedeliveryRuns } from '../../core/redelivery-ports.ts';
import { callStore } from './aws-errors.ts';

export interface SfnRedeliveryRunsOptions {
  client: SFNClient;
  machineArn: string;
  pseudonyms: Pseudonyms;
  handles: Pick<FenceHandles, 'remember'>;
}

export function createSfnRedeliveryRuns(options: SfnRedeliveryRunsOptions): RedeliveryRuns {
  const { client, machineArn, pseudonyms, handles } = options;
  return {
    async start({ numberId, customerId, direction, run, delaySeconds }) {
      const groupIdOf = await pseudonyms.openGroupIds();
      // Hashed once more: 64 hex digits fit every rule for names, whatever group ids are made of.
      const handle = pseudonyms.hash(groupIdOf(numberId, `${direction}#${customerId}`));
      // First, or the run could find nobody behind its handle.
      await handles.remember(handle, { numberId, customerId, direction });
      const waitSeconds = Math.max(0, Math.ceil(delaySeconds));
      await callStore('redelivery start', async () => {
        try {
          await client.send(
            new StartExecutionCommand({
              stateMachineArn: machineArn,
              name: `${handle}-${run}`,
              input: JSON.stringify({ handle, direction, run, attempt: 0, round: 0, waitSeconds }),
            }),
          );
        } catch (error) {
          // This run was started before: names are refused for 90 days, and a run's number never comes again.
          if (!(error instanceof ExecutionAlreadyExists)) throw error;
        }
      });
    },
  };
}
