import { createHash, createHmac } from 'node:crypto';
import { createGenesysVerifier } from '../../../../lambdas/adapters/genesys/genesys-signature.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { NumberSecret, NumberSecrets } from '../../../../lambdas/core/ports.ts';
import { aNumberSecret } from '../../../builders.ts';

const integrations = {
  '1': 'aaaaaaaa-0000-4000-8000-00000000000a',
  '2': 'bbbbbbbb-0000-4000-8000-00000000000b',
};

/** Secrets by number; `stored` is what a refresh would read, undefined what cannot be read. */
class HeldSecrets implements NumberSecrets {
  held: Record<string, NumberSecret | undefined>;
  stored: Record<string, NumberSecret | undefined>;
  isStale = false;
  complete = true;
  asked = 0;

  constructor(secrets: Record<string, Partial<NumberSecret> | undefined>) {
    this.held = Object.fromEntries(
      Object.entries(secrets).map(([id, secret]) => [id, secret && aNumberSecret(secret)]),
    );
    this.stored = this.held;
  }

  async get(numberId: string): Promise<NumberSecret> {
    this.asked += 1;
    const secret = this.held[numberId];
    if (!secret) throw new BridgeError('secret-unavailable', 'cannot be read');
    return secret;
  }

  async all() {
    const secrets = Object.values(this.held).flatMap((secret) => secret ?? []);
    return { secrets, complete: this.complete && secrets.length === Object.keys(this.held).length };
  }

  refreshIfStale(): boolean {
    if (this.isStale) this.held = this.stored;
    return this.isStale;
  }
}

const body = Buffer.from('{"type":"Text","text":"Grüße"}');
const sign = (secret: string, bytes: Uint8Array = body) =>
  `sha256=${createHmac('sha256', secret).update(bytes).digest('base64')}`;
const verify = (
  secrets: NumberSecrets,
  signature: string | undefined,
  { integrationId = integrations['1'], bytes = body as Uint8Array } = {},
) =>
  createGenesysVerifier(
    secrets,
    Object.entries(integrations).map(([id, of]) => [id, { integrationId: of }] as const),
  ).verify(integrationId, bytes, signature);

const refused = { name: 'BridgeError', kind: 'signature-invalid' };
const unavailable = { name: 'BridgeError', kind: 'secret-unavailable' };
const both = () =>
  new HeldSecrets({ '1': { genesysWebhookSecret: 'first' }, '2': { genesysWebhookSecret: 'second' } });

describe('a signature of Genesys', () => {
  it('is base64 of the HMAC over the exact bytes, after the published vector', async () => {
    const secrets = new HeldSecrets({ '1': { genesysWebhookSecret: 'key' } });
    const bytes = Buffer.from('The quick brown fox jumps over the lazy dog');
    const hex = 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8';
    const signature = `sha256=${Buffer.from(hex, 'hex').toString('base64')}`;

    expect(await verify(secrets, signature, { bytes })).toEqual({
      numberId: '1',
      webhookHash: hex.slice(0, 32),
    });
    await expect(
      verify(secrets, signature, { bytes: Buffer.concat([bytes, Buffer.from(' ')]) }),
    ).rejects.toMatchObject(refused);
  });

  it('does not hold for the JSON parsed and written again', async () => {
    const spaced = Buffer.from('{ "type": "Text" }');
    const again = Buffer.from(JSON.stringify(JSON.parse(spaced.toString())));

    await expect(verify(both(), sign('first', spaced), { bytes: again })).rejects.toMatchObject(refused);
  });

  it('is checked with the secret of the integration in the path, and no other', async () => {
    expect((await verify(both(), sign('first'))).numberId).toBe('1');
    expect((await verify(both(), sign('second'), { integrationId: integrations['2'] })).numberId).toBe('2');
    await expect(verify(both(), sign('second'))).rejects.toMatchObject(refused);
    await expect(verify(both(), sign('first'), { integrationId: integrations['2'] })).rejects.toMatchObject(
      refused,
    );
  });

  it('finds the integration however its letters are written', async () => {
    const integrationId = integrations['1'].toUpperCase();

    expect((await verify(both(), sign('first'), { integrationId })).numberId).toBe('1');
  });

  it.each(['cccccccc-0000-4000-8000-00000000000c', '', '1', '__proto__'])(
    'of an integration that is not ours (%p) is refused without asking for a secret',
    async (integrationId) => {
      const secrets = both();

      await expect(verify(secrets, sign('first'), { integrationId })).rejects.toMatchObject(refused);
      expect(secrets.asked).toBe(0);
    },
  );

  const good = sign('first');
  const base64 = good.slice('sha256='.length);
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['in hex', `sha256=${Buffer.from(base64, 'base64').toString('hex')}`],
    [
      'in base64 of the hex',
      `sha256=${Buffer.from(Buffer.from(base64, 'base64').toString('hex')).toString('base64')}`,
    ],
    ['without its prefix', base64],
    ['without its padding', good.slice(0, -1)],
    ['in base64url without padding', `sha256=${Buffer.from(base64, 'base64').toString('base64url')}`],
    ['with an upper-case prefix', `SHA256=${base64}`],
    ['too long', `${good}=`],
    ['with trailing junk', `${good} x`],
    ['with a trailing newline', `${good}\n`],
    ['with a leading space', ` ${good}`],
    ['twice', `${good}, ${good}`],
    ['sha1', `sha1=${createHash('sha1').update(body).digest('base64')}`],
  ])('(%s) is refused without asking for a secret', async (_name, signature) => {
    const secrets = both();

    await expect(verify(secrets, signature)).rejects.toMatchObject(refused);
    expect(secrets.asked).toBe(0);
  });

  it('of the same bytes in a base64 that is not the canonical one does not match', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const last = base64.at(42) ?? '';
    const twin = alphabet[alphabet.indexOf(last) + 1] ?? '';
    expect(Buffer.from(`${base64.slice(0, 42)}${twin}=`, 'base64')).toEqual(Buffer.from(base64, 'base64'));

    await expect(verify(both(), `sha256=${base64.slice(0, 42)}${twin}=`)).rejects.toMatchObject(refused);
  });
});

describe('the secret of an integration', () => {
  it.each(['current', 'previous'])('may be the %s one', async (secret) => {
    const secrets = new HeldSecrets({
      '1': { genesysWebhookSecret: 'current', genesysWebhookSecretPrevious: 'previous' },
    });

    expect((await verify(secrets, sign(secret))).numberId).toBe('1');
  });

  it('is no other value of the same secret', async () => {
    const secrets = new HeldSecrets({
      '1': { genesysWebhookSecret: 'hook', metaAppSecret: 'meta', pseudonymKey: 'pseudonym' },
    });

    for (const secret of ['meta', 'pseudonym', ''])
      await expect(verify(secrets, sign(secret))).rejects.toMatchObject(refused);
  });

  it('is read once more when the held one may have been rotated', async () => {
    const secrets = new HeldSecrets({ '1': { genesysWebhookSecret: 'old' } });
    secrets.stored = { '1': aNumberSecret({ genesysWebhookSecret: 'new' }) };

    await expect(verify(secrets, sign('new'))).rejects.toMatchObject(refused);
    secrets.isStale = true;
    expect((await verify(secrets, sign('new'))).numberId).toBe('1');
  });

  it.each([
    ['cannot be read', { '1': undefined }],
    ['is empty', { '1': { genesysWebhookSecret: '' } }],
    [
      'is empty but for the previous one',
      { '1': { genesysWebhookSecret: '', genesysWebhookSecretPrevious: 'old' } },
    ],
  ])('that %s lets nothing in and asks the sender to come again', async (_name, held) => {
    for (const secret of ['webhook-secret', 'wrong', ''])
      await expect(verify(new HeldSecrets(held), sign(secret))).rejects.toMatchObject(unavailable);
  });

  it('that could not be read anew proves nothing by a mismatch', async () => {
    const secrets = both();
    secrets.complete = false;

    await expect(verify(secrets, sign('rotated'))).rejects.toMatchObject(unavailable);
    expect((await verify(secrets, sign('first'))).numberId).toBe('1');
  });

  it('of another number is not needed', async () => {
    const secrets = new HeldSecrets({ '1': { genesysWebhookSecret: 'first' }, '2': undefined });

    expect((await verify(secrets, sign('first'))).numberId).toBe('1');
  });
});
