import { authorizeGenesys, type Bench, startBench } from '../stand-in-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

async function store(query = '', bytes = 'a picture', mime = 'image/png'): Promise<string> {
  const response = await fetch(`${bench.genesysUrl}/_files${query}`, {
    method: 'POST',
    headers: { 'content-type': mime },
    body: bytes,
  });
  return ((await response.json()) as { url: string }).url;
}

test('a file is read with the token only', async () => {
  const url = await store();

  expect(new URL(url).pathname).toMatch(/\/api\/v2\/downloads\/[\w-]{36}$/);
  expect((await fetch(url)).status).toBe(401);
  const response = await fetch(url, { headers: await authorizeGenesys(bench) });
  expect(response.headers.get('content-type')).toBe('image/png');
  expect(await response.text()).toBe('a picture');
});

test('an open file is read by everybody', async () => {
  const response = await fetch(await store('?open=true'));

  expect(response.status).toBe(200);
  expect(await response.text()).toBe('a picture');
});

test('there is nothing at another address', async () => {
  const url = await store();

  const response = await fetch(`${url}x`, { headers: await authorizeGenesys(bench) });

  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'not.found', status: 404 });
});

test('an empty file is refused', async () => {
  expect((await fetch(`${bench.genesysUrl}/_files`, { method: 'POST' })).status).toBe(400);
});
