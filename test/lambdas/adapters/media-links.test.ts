import { createMediaLinks } from '../../../lambdas/adapters/media-links.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import { aNumberSecret } from '../../builders.ts';
import { HandClock } from '../../fakes/outside-world.ts';

const key = 'media/acme/document/2026-11-20/ab.pdf';
const dayMs = 86_400_000;

function someLinks(pseudonymKeys: Record<string, string> = { 1: 'key of 1', 2: 'key of 2' }) {
  const clock = new HandClock();
  const get = async (numberId: string) => {
    const pseudonymKey = pseudonymKeys[numberId];
    if (pseudonymKey === undefined) throw new BridgeError('secret-unavailable', 'no secret');
    return aNumberSecret({ pseudonymKey });
  };
  const links = createMediaLinks({
    clock,
    secrets: { get, all: async () => ({ secrets: [], complete: true }), refreshIfStale: () => false },
    numbers: new Map(Object.keys(pseudonymKeys).map((numberId) => [numberId, undefined])),
    baseUrl: 'https://bridge.example',
  });
  const mintToken = async (numberId = '1') =>
    (await links.mint(numberId, key)).replace('https://bridge.example/media/', '');
  return { clock, links, mintToken };
}

describe('a link', () => {
  it('leads to what it was made for', async () => {
    const { links, mintToken } = someLinks();

    const token = await mintToken();

    expect(token).toMatch(/^[\w-]+\.[\w-]{43}$/);
    expect(await links.read(token)).toBe(key);
    expect(await links.read(await mintToken('2'))).toBe(key);
  });

  it('works for seven days', async () => {
    const { links, mintToken, clock } = someLinks();
    const token = await mintToken();

    clock.at += 7 * dayMs - 1;
    expect(await links.read(token)).toBe(key);
    clock.at += 1001;
    expect(await links.read(token)).toBeUndefined();
  });

  it('cannot be made by those who see other links', async () => {
    const { links, mintToken } = someLinks();
    const [payload = '', signature = ''] = (await mintToken()).split('.');
    const [numberId, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forge = (claim: unknown) =>
      `${Buffer.from(JSON.stringify(claim)).toString('base64url')}.${signature}`;

    for (const token of [
      '',
      '.',
      'x',
      payload,
      `${payload}.`,
      `${payload}.${signature.slice(1)}`,
      `${payload}.${signature}.`,
      `${payload}.${(await mintToken('2')).split('.')[1]}`,
      forge([numberId, expiresAt, 'raw/acme/secret.json']),
      forge([numberId, expiresAt + 1, key]),
      forge(['2', expiresAt, key]),
      forge(['3', expiresAt, key]),
      forge([1, 2, 3]),
      forge({}),
      forge(null),
      `${Buffer.from('no JSON').toString('base64url')}.${signature}`,
    ])
      expect(await links.read(token)).toBeUndefined();
  });

  it('of a number whose secret is not there is neither made nor read', async () => {
    const { links, mintToken } = someLinks({ 1: '' });
    const [payload] = (await someLinks().mintToken()).split('.');

    await expect(mintToken()).rejects.toMatchObject({ kind: 'secret-unavailable' });
    await expect(links.read(`${payload}.x`)).rejects.toMatchObject({ kind: 'secret-unavailable' });
  });
});
