// The command line as people meet it: run as a program, its words and exit codes read.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

function bridge(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('node', [join(root, 'cli', 'bridge.ts'), ...args], {
    cwd: mkdtempSync(join(tmpdir(), 'bridge-cli-')),
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return { status, stdout, stderr };
}

describe('npx bridge', () => {
  it('alone lists its commands', () => {
    const { status, stdout } = bridge();
    expect(status).toBe(0);
    for (const command of ['replay', 'audit', 'send']) expect(stdout).toContain(`  ${command} `);
  });

  it.each(['replay', 'audit', 'send'])(
    '%s --help says what it takes and what its exit codes mean',
    (command) => {
      const { status, stdout } = bridge(command, '--help');
      expect(status).toBe(0);
      expect(stdout).toContain(`npx bridge ${command}`);
      expect(stdout).toContain('Exit codes: 0 ');
    },
  );

  it.each([
    [['nope'], "there is no command 'nope'; there are: replay, audit, send"],
    [['replay'], 'say which messages: --ids'],
    [['replay', '--ids', 'a', '--force'], '--force needs --reason'],
    [['replay', '--ids', 'a', '--reason', 'b'], '--reason is for --force'],
    [['replay', '--from', '1h', '--to', '2h'], '--from is not before --to'],
    [['replay', '--customer', 'Ada'], "'Ada' is neither a phone (digits) nor a BSUID"],
    [['replay', '--frm', '1h'], "Unknown option '--frm'"],
    [['audit', '--from', '1h', '--to', '2h'], '--from is not before --to'],
    [['audit', '--stage', 'prod'], '--stage needs --tenant'],
    [['audit', '--tenant', 'acme', '--stage', 'prod', '--dir', 'x'], 'either --dir'],
    [['send'], '--to needs a phone'],
    [['send', '--to', '447700900123', '--template', 'Bad Name', '--language', 'en'], '--template'],
    [['send', '--to', '447700900123', '--template', 'a'], '--language is missing'],
  ])('%j ends with exit code 2 and says why', (args, reason) => {
    const { status, stderr } = bridge(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(reason);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('without a run says how to start one', () => {
    const { status, stderr } = bridge('audit');
    expect(status).toBe(3);
    expect(stderr).toContain('start one with npm start');
  });

  it('prints the exact request of a template without a run', () => {
    const args = [
      '--to',
      '+447700900123',
      '--template',
      'order_update',
      '--language',
      'en_GB',
      '--body',
      'Ana,A-1',
    ];
    const { status, stdout } = bridge('send', ...args, '--dry-run');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      to: '447700900123',
      type: 'template',
      template: { name: 'order_update', components: [{ parameters: [{ text: 'Ana' }, { text: 'A-1' }] }] },
    });
  });
});
