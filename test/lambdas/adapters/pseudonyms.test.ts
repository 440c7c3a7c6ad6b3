import { createHmac } from 'node:crypto';
import { createPseudonyms } from '../../../lambdas/adapters/pseudonyms.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { NumberSecret, NumberSecrets } from '../../../lambdas/core/ports.ts';
import { aNumberSecret } from '../../builders.ts';

const unreadable = new BridgeError('secret-unavailable', 'secret number-2 cannot be read');

/** Pseudonyms of numbers with these keys; `undefined` is a secret that cannot be read. */
function pseudonymsOf(keys: Record<string, string | undefined>) {
  const get = async (numberId: string): Promise<NumberSecret> => {
    const pseudonymKey = keys[numberId];
    if (pseudonymKey === undefined) throw unreadable;
    return aNumberSecret({ pseudonymKey });
  };
  return createPseudonyms({ get } as NumberSecrets, Object.keys(keys));
}

describe('a message group', () => {
  it('is the keyed hash of number and customer', async () => {
    const groupIds = await pseudonymsOf({ 'n-1': 'key-1', 'n-2': 'key-2' }).openGroupIds();
    const expected = (key: string, text: string) =>
      createHmac('sha256', key).update(text).digest('base64url');

    expect(groupIds('n-1', '447700900001')).toBe(expected('key-1', 'n-1\n447700900001'));
    expect(groupIds('n-2', 'GB.ñ')).toBe(expected('key-2', 'n-2\nGB.ñ'));
  });

  it('is stable, and another one for every customer, number and key', async () => {
    const pseudonyms = pseudonymsOf({ 'n-1': 'key', 'n-2': 'key' });
    const [first, again] = [await pseudonyms.openGroupIds(), await pseudonyms.openGroupIds()];
    const other = await pseudonymsOf({ 'n-1': 'other' }).openGroupIds();

    expect(again('n-1', '441')).toBe(first('n-1', '441'));
    const ids = [first('n-1', '441'), first('n-1', '442'), first('n-2', '441'), other('n-1', '441')];
    expect(new Set(ids).size).toBe(4);
  });

  it('is a name SQS takes that reveals nobody', async () => {
    const groupIds = await pseudonymsOf({ 'n-1': 'key' }).openGroupIds();

    expect(groupIds('n-1', 'שלום\uffff'.repeat(500))).toMatch(/^[\w-]{43}$/);
    expect(groupIds('n-1', '447700900001')).not.toContain('447700900001');
  });

  it.each([
    ['of a number nobody knows', 'n-9'],
    ['of a webhook that named no number', ''],
    ['of a number whose key is empty', 'n-2'],
  ])('%s is made with the key of the first number', async (_name, numberId) => {
    const groupIds = await pseudonymsOf({ 'n-1': 'key-1', 'n-2': '' }).openGroupIds();

    expect(groupIds(numberId, '441')).toBe(
      createHmac('sha256', 'key-1').update(`${numberId}\n441`).digest('base64url'),
    );
  });

  it('is not made at all without a key, nor with another key than that of its number', async () => {
    const groupIds = await pseudonymsOf({ 'n-1': 'key-1', 'n-2': undefined }).openGroupIds();
    const withoutKey = await pseudonymsOf({ 'n-1': '' }).openGroupIds();
    const withoutNumbers = await pseudonymsOf({}).openGroupIds();

    expect(() => groupIds('n-2', '441')).toThrow(unreadable);
    for (const none of [withoutKey, withoutNumbers])
      expect(() => none('n-1', '441')).toThrow(expect.objectContaining({ kind: 'secret-unavailable' }));
  });

  it('of one number does not suffer from the secret of another', async () => {
    const groupIds = await pseudonymsOf({ 'n-1': undefined, 'n-2': 'key-2' }).openGroupIds();

    expect(groupIds('n-2', '441')).toMatch(/^[\w-]{43}$/);
    expect(() => groupIds('n-9', '441')).toThrow(unreadable);
  });
});

it('the hash of an id is its plain SHA-256', () => {
  expect(pseudonymsOf({}).hash('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});
