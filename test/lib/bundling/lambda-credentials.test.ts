import { defaultProvider } from '../../../lib/bundling/lambda-credentials.ts';

const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));

function setEnvironment(values: Record<string, string | undefined>): void {
  for (const name of names) {
    if (values[name] === undefined) delete process.env[name];
    else process.env[name] = values[name];
  }
}

afterEach(() => setEnvironment(before));

describe('the credentials of a function', () => {
  it('come from its environment', async () => {
    setEnvironment({ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 'token' });

    const credentials = await defaultProvider()();

    expect(credentials).toEqual({ accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' });
  });

  it('need no session token', async () => {
    setEnvironment({ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key' });

    const credentials = await defaultProvider()();

    expect(credentials).toEqual({ accessKeyId: 'id', secretAccessKey: 'key' });
  });

  it('are refused when incomplete, and nothing else is tried', async () => {
    setEnvironment({ AWS_ACCESS_KEY_ID: 'id' });

    await expect(defaultProvider()()).rejects.toThrow('AWS_SECRET_ACCESS_KEY');
  });
});
