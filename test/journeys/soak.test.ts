// The soak in its short form, as a user starts it.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { assemblyFolder } from './synthesize-once.ts';

jest.setTimeout(420_000);

describe('a soak', () => {
  it('of three hundred webhooks through trouble accounts for every message', async () => {
    const seed = process.env.JOURNEY_SEED ?? String(Date.now() % 1_000_000);
    const child = spawn(
      resolve('node_modules/.bin/node'),
      ['soak/main.ts', '--messages', '300', '--seed', seed, '--assembly', assemblyFolder],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        printed += String(chunk);
      });

    const code = await new Promise((end) => child.once('close', end));

    console.log(printed.slice(-6000));
    expect(printed).toContain('Everything is accounted for.');
    expect(code).toBe(0);
  });
});
