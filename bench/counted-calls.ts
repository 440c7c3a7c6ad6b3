// AWS calls of functions, counted where all of them pass: at the local run's AWS.
import { callJson, type LocalRun } from './local-run.ts';

export interface Call {
  seq: number;
  function: string;
  service: string;
  operation: string;
  resource: string;
  /** Kind of item, e.g. `CUST/PROFILE`. */
  item?: string;
}

/** Number of the newest call. */
export async function findLastCall(run: LocalRun): Promise<number> {
  return (await readCalls(run, 0)).at(-1)?.seq ?? 0;
}

/** Calls of one function after the call `since`. */
export async function listCalls(run: LocalRun, since: number, thing: string): Promise<Call[]> {
  const name = `${run.tenant}-${run.stage}-${thing}`;
  const calls = await readCalls(run, since);
  return calls.filter((call) => call.function === name);
}

function readCalls({ control }: LocalRun, since: number): Promise<Call[]> {
  return callJson<Call[]>('GET', `${control}/_calls?since=${since}`);
}

/** Places in the allowance, taken in blocks for all messages together. */
export function isPace({ item }: Call): boolean {
  return item === 'PACE/PACE';
}

/** What only a fence or a park needs; the fence itself rides on the write that touches the profile. */
export function isFence({ service, operation, resource, item = '' }: Call): boolean {
  const isListing = operation === 'Query' && resource.endsWith('-customers');
  return service === 'states' || isListing || item.startsWith('FENCE') || item.endsWith('/PARK');
}
