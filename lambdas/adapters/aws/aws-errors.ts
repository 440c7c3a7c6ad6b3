import { BridgeError } from '../../core/errors.ts';

/** Runs a call to AWS; whatever it throws becomes `store-unavailable`, naming the operation and the AWS error. */
export async function callStore<T>(operation: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = error instanceof Error ? error.name : 'unknown';
    throw new BridgeError('store-unavailable', `${operation} failed: ${code}`, { code }, error);
  }
}
