import { createServer } from 'node:net';
import { join } from 'node:path';
import type { FunctionPlan } from '../../local/plan.ts';
import {
  assignPorts,
  isLoopback,
  readExternalEndpoint,
  requireBundles,
  requireFreePorts,
  requireNode24,
} from '../../local/start-checks.ts';
import { makeTempDir, writeFiles } from './an-assembly.ts';

describe('start-up checks', () => {
  it('refuses a Node older than 24 and says how to get a newer one', () => {
    expect(() => requireNode24('22.19.0')).toThrow(/npm start/);
    expect(() => requireNode24('24.0.0')).not.toThrow();
    expect(() => requireNode24('26.1.0')).not.toThrow();
  });

  it('gives four consecutive ports, or any free ones for 0', () => {
    expect(assignPorts(4000)).toEqual({ bridge: 4000, 'stand-ins': 4001, control: 4002, aws: 4003 });
    expect(assignPorts(0)).toEqual({ bridge: 0, 'stand-ins': 0, control: 0, aws: 0 });
  });

  it('names the port in use, its use and the option that changes it', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });

    const check = requireFreePorts({ bridge: 0, 'stand-ins': 0, control: port, aws: 0 });

    await expect(check).rejects.toThrow(new RegExp(`port ${port} \\(control\\).*--port`));
    await new Promise((resolve) => taken.close(resolve));
    await expect(
      requireFreePorts({ bridge: 0, 'stand-ins': 0, control: port, aws: 0 }),
    ).resolves.toBeUndefined();
  });

  it.each(['localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]'])('takes %s for this computer', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['example.com', '0.0.0.0', '127.0.0.1.evil.com', '10.0.0.1', ''])(
    'takes %j for another one',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it('lets AWS_ENDPOINT_URL be this computer, and another one only when that is allowed', () => {
    expect(readExternalEndpoint(undefined, false)).toBeUndefined();
    expect(readExternalEndpoint('http://localhost:4566', false)?.port).toBe('4566');
    expect(() => readExternalEndpoint('http://aws.example:4566', false)).toThrow(/--allow-remote/);
    expect(readExternalEndpoint('http://aws.example:4566', true)?.hostname).toBe('aws.example');
    expect(() => readExternalEndpoint('nonsense', true)).toThrow(/not a URL/);
  });

  it('names the function whose bundle is missing', () => {
    const codeFolder = writeFiles(makeTempDir(), { 'index.js': '' });
    const plan = { name: 'door', codeFolder, handler: 'index.handler', layerFolders: [] as string[] };
    const check = (change: Partial<FunctionPlan>) => requireBundles([{ ...plan, ...change } as FunctionPlan]);

    expect(() => check({})).not.toThrow();
    expect(() => check({ handler: 'other.handler' })).toThrow(/code of door is missing .*other\.js/);
    expect(() => check({ layerFolders: [join(codeFolder, 'layer')] })).toThrow(
      /code of door is missing .*layer/,
    );
  });
});
