import { fingerprintToken, openToken, sealToken } from '../../../lambdas/adapters/token-seal.ts';

const secret = { clientId: 'client-1', clientSecret: 's3cret' };

describe('a sealed token', () => {
  it('is opened with the secret it was sealed with', () => {
    expect(openToken(sealToken('tøken', secret), secret)).toBe('tøken');
  });

  it('does not show the token, and looks different every time', () => {
    const [one, two] = [sealToken('token-of-genesys', secret), sealToken('token-of-genesys', secret)];

    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64').toString('latin1')).not.toContain('token');
  });

  it.each([
    ['another secret', { ...secret, clientSecret: 'rotated' }],
    ['another client', { ...secret, clientId: 'client-2' }],
  ])('stays closed for %s', (_name, other) => {
    expect(openToken(sealToken('token', secret), other)).toBeUndefined();
  });

  it.each([
    ['changed', (sealed: string) => `${sealed[0] === 'A' ? 'B' : 'A'}${sealed.slice(1)}`],
    ['cut off', (sealed: string) => sealed.slice(0, 16)],
    ['empty', () => ''],
  ])('stays closed when it is %s', (_name, spoil) => {
    expect(openToken(spoil(sealToken('token', secret)), secret)).toBeUndefined();
  });
});

describe('a fingerprint', () => {
  it('tells tokens apart without showing them', () => {
    expect(fingerprintToken('a')).toBe(fingerprintToken('a'));
    expect(fingerprintToken('a')).not.toBe(fingerprintToken('b'));
    expect(fingerprintToken('token')).toMatch(/^[0-9a-f]{32}$/);
  });
});
