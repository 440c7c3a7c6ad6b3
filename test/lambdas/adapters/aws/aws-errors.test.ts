import { callStore } from '../../../../lambdas/adapters/aws/aws-errors.ts';

describe('a call to a store', () => {
  it('answers what the store answers', async () => {
    expect(await callStore('ledger claim', async () => 7)).toBe(7);
  });

  it('that fails names the operation and the error of AWS, and keeps the cause', async () => {
    const cause = Object.assign(new Error('words of AWS'), {
      name: 'ProvisionedThroughputExceededException',
    });

    await expect(callStore('ledger claim', () => Promise.reject(cause))).rejects.toMatchObject({
      name: 'BridgeError',
      kind: 'store-unavailable',
      message: 'ledger claim failed: ProvisionedThroughputExceededException',
      details: { code: 'ProvisionedThroughputExceededException' },
      cause,
    });
  });

  it.each([['text'], [null]])('that throws no error at all (%j) fails as well', async (reason) => {
    await expect(callStore('ledger claim', () => Promise.reject(reason))).rejects.toMatchObject({
      kind: 'store-unavailable',
      message: 'ledger claim failed: unknown',
    });
  });
});
