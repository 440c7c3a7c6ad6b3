import type { TokenStore } from '../../lambdas/core/ports.ts';

let clients = 0;

/** What every store of shared tokens must do, whatever it is made of. */
export function describeTokenStore(fresh: () => TokenStore): void {
  let store: TokenStore;
  let client: string;
  beforeEach(() => {
    clients += 1;
    client = `client-${clients}`;
    store = fresh();
  });
  const now = 1_800_000_000_000;
  const token = { sealed: 'c2VhbGVk', fingerprint: 'f1', refreshAt: now + 60_000 };
  const fetch = (at = now, refused?: string) =>
    store.fetch(client, { now: at, holdMs: 5000, ...(refused === undefined ? {} : { refused }) });

  it('lets one ask for a token that nobody has, and the others wait', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => fetch()));

    expect(answers.filter((answer) => 'mayAsk' in answer && answer.mayAsk)).toHaveLength(1);
    expect(answers.filter((answer) => 'mayAsk' in answer && !answer.mayAsk)).toHaveLength(5);
  });

  it('lets another ask when nothing came of it', async () => {
    await fetch();

    expect(await fetch(now + 4999)).toEqual({ mayAsk: false });
    expect(await fetch(now + 5000)).toEqual({ mayAsk: true });
  });

  it('gives everybody the token that was saved, until it is to be refreshed', async () => {
    await fetch();
    await store.save(client, token);

    expect(await fetch()).toEqual({ token });
    expect(await fetch(now + 59_999)).toEqual({ token });
    expect(await fetch(now + 60_000)).toEqual({ mayAsk: true });
    expect(await fetch(now + 60_000)).toEqual({ mayAsk: false });
  });

  it('counts a refused token as none, as long as it is the one that is kept', async () => {
    await store.save(client, token);

    expect(await fetch(now, 'f1')).toEqual({ mayAsk: true });
    expect(await fetch(now, 'f1')).toEqual({ mayAsk: false });
    await store.save(client, { ...token, fingerprint: 'f2' });
    expect(await fetch(now, 'f1')).toEqual({ token: { ...token, fingerprint: 'f2' } });
  });

  it('keeps the tokens of different clients apart', async () => {
    await store.save(client, token);

    expect(await store.fetch(`${client}-other`, { now, holdMs: 5000 })).toEqual({ mayAsk: true });
  });
}
