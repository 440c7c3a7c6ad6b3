import { createHash, createHmac } from 'node:crypto';
import { createMetaVerifier } from '../../../../lambdas/adapters/meta/meta-signature.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { NumberSecret, NumberSecrets } from '../../../../lambdas/core/ports.ts';
import { aNumberSecret } from '../../../builders.ts';

/** Secrets in memory; `stored` is what a refresh would read. */
class HeldSecrets implements NumberSecrets {
  held: NumberSecret[];
  stored: NumberSecret[];
  complete = true;
  isStale = false;
  refreshes = 0;

  constructor(...secrets: Partial<NumberSecret>[]) {
    this.held = secrets.map(aNumberSecret);
    this.stored = this.held;
  }

  get(): Promise<NumberSecret> {
    throw new Error('not used here');
  }

  async all() {
    return { secrets: this.held, complete: this.complete };
  }

  refreshIfStale(): boolean {
    this.refreshes += 1;
    if (this.isStale) this.held = this.stored;
    return this.isStale;
  }
}

const body = Buffer.from('{"entry":[]}');
const sign = (bytes: Uint8Array, secret: string) =>
  `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
const verify = (secrets: NumberSecrets, signature: string | undefined, bytes: Uint8Array = body) =>
  createMetaVerifier(secrets).verify(bytes, signature);
const refused = { name: 'BridgeError', kind: 'signature-invalid' };
const unavailable = { name: 'BridgeError', kind: 'secret-unavailable' };

describe('the published vectors', () => {
  const secrets = () => new HeldSecrets({ metaAppSecret: 'unit-test-secret' });
  const escaped = '{"object":"whatsapp_business_account","entry":[],"note":"caf\\u00e9"}';
  const escapedSignature = 'sha256=8e78108321102256b80995189a6aab09656cc48e6321a3a809cc7e07df00d39b';
  const raw = '{"object":"whatsapp_business_account","entry":[],"note":"café"}';
  const rawSignature = 'sha256=183d896e4bfcb47eb1a1331e650cd55ff811975856cb06b966e670b82636c631';

  it.each([
    ['escaped', escaped, escapedSignature],
    ['raw', raw, rawSignature],
  ])('verify over the bytes as sent (%s)', async (_name, text, signature) => {
    await expect(verify(secrets(), signature, Buffer.from(text))).resolves.toEqual({
      webhookHash: signature.slice('sha256='.length, 'sha256='.length + 32),
    });
  });

  it.each([
    ['escaped bytes with the signature of the raw', escaped, rawSignature],
    ['raw bytes with the signature of the escaped', raw, escapedSignature],
    ['the JSON parsed and written again', JSON.stringify(JSON.parse(escaped)), escapedSignature],
    ['the same JSON with another space', escaped.replace(',', ', '), escapedSignature],
    ['a byte more', `${escaped}\n`, escapedSignature],
    ['nothing', '', escapedSignature],
  ])('do not verify %s', async (_name, text, signature) => {
    await expect(verify(secrets(), signature, Buffer.from(text))).rejects.toMatchObject(refused);
  });

  it('hold for bytes that are no text', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0xfe, 0xc3, 0x28]);

    await expect(verify(secrets(), sign(bytes, 'unit-test-secret'), bytes)).resolves.toBeDefined();
    await expect(
      verify(secrets(), sign(Buffer.from(bytes.toString('utf8')), 'unit-test-secret'), bytes),
    ).rejects.toMatchObject(refused);
  });
});

describe('a signature of the wrong form', () => {
  const good = sign(body, 'app-secret');
  const hex = good.slice('sha256='.length);

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['without its prefix', hex],
    ['prefix alone', 'sha256='],
    ['too short', good.slice(0, -1)],
    ['too long', `${good}0`],
    ['in upper case', `sha256=${hex.toUpperCase()}`],
    ['with an upper-case prefix', `SHA256=${hex}`],
    ['not hex', `sha256=${'g'.repeat(64)}`],
    ['in base64', `sha256=${Buffer.from(hex, 'hex').toString('base64')}`],
    ['with trailing junk', `${good} x`],
    ['with a trailing newline', `${good}\n`],
    ['with a leading space', ` ${good}`],
    ['sha1', `sha1=${createHash('sha1').update(body).digest('hex')}`],
    ['sha1 by name alone', `sha1=${hex}`],
    ['twice, joined with a comma', `${good},${good}`],
    ['twice, joined with comma and space', `${good}, ${good}`],
  ])('(%s) is refused without asking for a secret', async (_name, signature) => {
    const secrets = new HeldSecrets({});
    secrets.all = () => Promise.reject(new Error('asked'));

    await expect(verify(secrets, signature)).rejects.toMatchObject(refused);
  });
});

describe('the secrets a signature may be made with', () => {
  it.each(['current', 'previous'])('are those of any number, the %s one included', async (secret) => {
    const secrets = new HeldSecrets(
      { metaAppSecret: 'other' },
      { metaAppSecret: 'current', metaAppSecretPrevious: 'previous' },
    );

    await expect(verify(secrets, sign(body, secret))).resolves.toBeDefined();
    expect(secrets.refreshes).toBe(0);
  });

  it('are no others', async () => {
    const secrets = new HeldSecrets({ metaVerifyToken: 'v', metaAccessToken: 't', pseudonymKey: 'p' });

    for (const secret of ['', 'v', 't', 'p', 'wrong']) {
      await expect(verify(secrets, sign(body, secret))).rejects.toMatchObject(refused);
    }
  });

  it('are read once more when a held one may have been rotated', async () => {
    const secrets = new HeldSecrets({ metaAppSecret: 'old' });
    secrets.stored = [aNumberSecret({ metaAppSecret: 'new' })];

    await expect(verify(secrets, sign(body, 'new'))).rejects.toMatchObject(refused);
    secrets.isStale = true;
    await expect(verify(secrets, sign(body, 'new'))).resolves.toBeDefined();
    expect(secrets.refreshes).toBe(2);
  });
});

describe('a secret that is missing', () => {
  it.each([
    ['cannot be read', [], false],
    ['cannot be read, another does not match', [{ metaAppSecret: 'other' }], false],
    ['is empty', [{ metaAppSecret: '' }], true],
    ['is empty, another does not match', [{ metaAppSecret: 'other' }, { metaAppSecret: '' }], true],
    ['is empty but for the previous one', [{ metaAppSecret: '', metaAppSecretPrevious: 'old' }], true],
  ])('(%s) asks the sender to come again and accepts nothing', async (_name, held, complete) => {
    for (const secret of ['app-secret', 'wrong']) {
      const secrets = new HeldSecrets(...held);
      secrets.complete = complete;

      await expect(verify(secrets, sign(body, secret))).rejects.toMatchObject(unavailable);
    }
  });

  it('never lets a signature made with an empty key through', async () => {
    await expect(verify(new HeldSecrets({ metaAppSecret: '' }), sign(body, ''))).rejects.toMatchObject(
      unavailable,
    );
  });

  it('does not stop webhooks signed with one that is there', async () => {
    const secrets = new HeldSecrets({ metaAppSecret: '' }, { metaAppSecret: 'there' });
    secrets.complete = false;

    await expect(verify(secrets, sign(body, 'there'))).resolves.toBeDefined();
  });

  it('is not swallowed when the failure is of another kind', async () => {
    const secrets = new HeldSecrets({});
    const failure = new BridgeError('invariant-broken', 'a bug');
    secrets.all = () => Promise.reject(failure);

    await expect(verify(secrets, sign(body, 'app-secret'))).rejects.toBe(failure);
  });
});

describe('the verify token', () => {
  const isToken = (secrets: NumberSecrets, token: string) => createMetaVerifier(secrets).isVerifyToken(token);

  it('is that of any number, and no other', async () => {
    const secrets = new HeldSecrets({ metaVerifyToken: 'töken-1' }, { metaVerifyToken: 'token-2' });

    expect(await isToken(secrets, 'töken-1')).toBe(true);
    expect(await isToken(secrets, 'token-2')).toBe(true);
    for (const wrong of ['', 'token-', 'token-22', 'TOKEN-2', 'app-secret', 'x'.repeat(10_000)])
      expect(await isToken(secrets, wrong)).toBe(false);
  });

  it('that is rotated is picked up', async () => {
    const secrets = new HeldSecrets({ metaVerifyToken: 'old' });
    secrets.stored = [aNumberSecret({ metaVerifyToken: 'new' })];
    secrets.isStale = true;

    expect(await isToken(secrets, 'new')).toBe(true);
  });

  it('that is not set is unavailable, and an empty one never matches it', async () => {
    const secrets = new HeldSecrets({ metaVerifyToken: '' });

    await expect(isToken(secrets, '')).rejects.toMatchObject(unavailable);
    await expect(isToken(secrets, 'x')).rejects.toMatchObject(unavailable);
  });
});
