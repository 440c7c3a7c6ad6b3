import { resolve } from 'node:path';
import { parseOptions, StartError } from '../../local/options.ts';

const cwd = resolve('/home/someone');

describe('parseOptions', () => {
  it('uses the example tenant, port 3000 and .local without options', () => {
    const options = parseOptions([], cwd);

    expect(options).toEqual({
      port: 3000,
      tenantFile: resolve(cwd, 'tenants/example.json'),
      dir: resolve(cwd, '.local'),
      allowRemote: false,
    });
  });

  it('takes values after a space and after an equals sign', () => {
    const args = ['--port', '0', '--tenant=acme.json', '--dir', 'run', '--assembly=out', '--allow-remote'];

    const options = parseOptions(args, cwd);

    expect(options).toEqual({
      port: 0,
      tenantFile: resolve(cwd, 'acme.json'),
      dir: resolve(cwd, 'run'),
      assembly: resolve(cwd, 'out'),
      allowRemote: true,
    });
  });

  it.each(['--help', '-h'])('answers %s with the usage', (flag) => {
    expect(parseOptions(['--port', '1', flag], cwd)).toBe('help');
  });

  it.each([
    [['--prot', '1'], 'unknown option --prot'],
    [['3000'], 'unknown option 3000'],
    [['--allow-remote=yes'], 'unknown option --allow-remote=yes'],
    [['--port'], '--port needs a value'],
    [['--dir', '--port'], '--dir needs a value'],
    [['--tenant='], '--tenant needs a value'],
    [['--port', 'x'], 'not "x"'],
    [['--port', '-1'], 'not "-1"'],
    [['--port', '1.5'], 'not "1.5"'],
    [['--port', '65533'], 'from 0 to 65532'],
  ])('refuses %j in one line with exit code 2', (args, part) => {
    let error: unknown;
    try {
      parseOptions(args, cwd);
    } catch (caught) {
      error = caught;
    }

    expect(error).toBeInstanceOf(StartError);
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(part) });
    expect((error as Error).message).not.toContain('\n');
  });
});
