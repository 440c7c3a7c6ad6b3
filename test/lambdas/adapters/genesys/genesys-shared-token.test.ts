import { shareToken } from '../../../../lambdas/adapters/genesys/genesys-shared-token.ts';
import { sealToken } from '../../../../lambdas/adapters/token-seal.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { MemoryTokenStore } from '../../../fakes/memory-token-store.ts';
import { RecordingTelemetry } from '../../../fakes/outside-world.ts';
import { VirtualTime } from '../../../load/virtual-time.ts';

const client = { clientId: 'client-1', clientSecret: 's3cret' };

function aWorld() {
  const time = new VirtualTime();
  const store = new MemoryTokenStore();
  const telemetry = new RecordingTelemetry();
  return { time, store, telemetry, logins: 0, sharing: { store, clock: time, sleeper: time, telemetry } };
}
type World = ReturnType<typeof aWorld>;

/** One sandbox that needs a token; its login takes `loginMs`. */
async function need(
  world: World,
  over: { refused?: string; secret?: typeof client; loginMs?: number; fails?: boolean } = {},
): Promise<string> {
  const { refused, secret = client, loginMs = 100, fails = false } = over;
  const login = async () => {
    world.logins += 1;
    const token = `token-${world.logins}`;
    await world.time.sleep(loginMs);
    if (fails) throw new BridgeError('credential-rejected', 'refused');
    return { token, refreshAt: world.time.now() + 3_600_000 };
  };
  const request = { timeoutMs: 12_000, login, ...(refused === undefined ? {} : { refused }) };
  return (await shareToken(secret, request, world.sharing)).token;
}

async function run<T>(world: World, wanted: Promise<T>): Promise<T> {
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  wanted.then(end, end);
  await world.time.run(() => isOver);
  return wanted;
}

describe('a token that several sandboxes need', () => {
  it('is asked for once, and the others find it', async () => {
    const world = aWorld();

    const tokens = await run(world, Promise.all([need(world), need(world), need(world)]));

    expect(tokens).toEqual(['token-1', 'token-1', 'token-1']);
    expect(world.logins).toBe(1);
  });

  it('is kept sealed', async () => {
    const world = aWorld();

    await run(world, need(world));

    expect(JSON.stringify([...world.store.tokens])).not.toContain('token-1');
  });

  it('is asked for by each when the first one gets no answer', async () => {
    const world = aWorld();

    const tokens = await run(world, Promise.all([need(world, { loginMs: 8000 }), need(world)]));

    expect(tokens).toEqual(['token-1', 'token-2']);
  });

  it('is replaced once when it was refused, and a newer one is not', async () => {
    const world = aWorld();
    const old = await run(world, need(world));

    const fresh = await run(world, need(world, { refused: old }));
    const found = await run(world, need(world, { refused: old }));

    expect([old, fresh, found]).toEqual(['token-1', 'token-2', 'token-2']);
    expect(world.logins).toBe(2);
  });

  it('that was sealed with an older secret is replaced', async () => {
    const world = aWorld();
    const rotated = { ...client, clientSecret: 'rotated' };
    await run(world, need(world));

    expect(await run(world, need(world, { secret: rotated }))).toBe('token-2');
    expect(await run(world, need(world, { secret: rotated }))).toBe('token-2');
  });

  it('that somebody spoiled is replaced', async () => {
    const world = aWorld();
    const sealed = sealToken('token', { ...client, clientId: 'another' });
    world.store.tokens.set('client-1', { sealed, fingerprint: 'x', refreshAt: world.time.now() + 1000 });

    expect(await run(world, need(world))).toBe('token-1');
  });

  it('is got without the store when that is broken, which is reported', async () => {
    const world = aWorld();
    world.store.broken = new BridgeError('store-unavailable', 'down');

    expect(await run(world, need(world))).toBe('token-1');
    expect(world.telemetry.problems.map(({ name }) => name)).toEqual([
      'token.not-shared',
      'token.not-shared',
    ]);
  });

  it('that is refused by the login is nobody’s, and the failure is passed on', async () => {
    const world = aWorld();

    await expect(run(world, need(world, { fails: true }))).rejects.toMatchObject({
      kind: 'credential-rejected',
    });
    expect(world.store.tokens.size).toBe(0);
  });
});
