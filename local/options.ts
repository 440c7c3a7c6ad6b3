// The command line of the local run. Unknown options are refused: a mistyped one must not start something else.
import { resolve } from 'node:path';

export interface Options {
  /** 0 = free ports, else the first of four consecutive ports. */
  port: number;
  tenantFile: string;
  dir: string;
  /** A cloud assembly that is synthesized already. */
  assembly?: string;
  allowRemote: boolean;
}

/** A mistake of the person who started the run; its message is all they need to see. */
export class StartError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const usage = `Runs the bridge on this computer, with stand-ins for WhatsApp and Genesys.

  npm start -- [options]

  --port N         first of four ports: bridge, stand-ins, control, AWS (default 3000; 0 = any free ports)
  --tenant FILE    tenant file, its stage "local" applies (default tenants/example.json)
  --dir DIR        where secrets, template and endpoints.json are kept (default .local)
  --assembly DIR   use this cloud assembly instead of synthesizing one
  --allow-remote   let AWS_ENDPOINT_URL be another computer
  --help           this text`;

const highestFirstPort = 65_532;

/** @returns `'help'` when the usage is asked for. @throws StartError with exit code 2 on anything not understood. */
export function parseOptions(args: string[], cwd: string): Options | 'help' {
  const values = new Map<string, string>();
  let allowRemote = false;
  for (let index = 0; index < args.length; index++) {
    const [name = '', inline] = splitOnce(args[index] ?? '');
    if (name === '--help' || name === '-h') return 'help';
    if (name === '--allow-remote' && inline === undefined) {
      allowRemote = true;
    } else if (['--port', '--tenant', '--dir', '--assembly'].includes(name)) {
      values.set(name, takeValue(name, inline ?? args[++index]));
    } else {
      throw new StartError(`unknown option ${args[index]}; see npm start -- --help`, 2);
    }
  }
  const assembly = values.get('--assembly');
  return {
    port: parsePort(values.get('--port') ?? '3000'),
    tenantFile: resolve(cwd, values.get('--tenant') ?? 'tenants/example.json'),
    dir: resolve(cwd, values.get('--dir') ?? '.local'),
    ...(assembly === undefined ? {} : { assembly: resolve(cwd, assembly) }),
    allowRemote,
  };
}

function splitOnce(arg: string): [string, string | undefined] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1;
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)];
}

function takeValue(name: string, value: string | undefined): string {
  if (!value || value.startsWith('--')) throw new StartError(`option ${name} needs a value`, 2);
  return value;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > highestFirstPort) {
    throw new StartError(`option --port needs a number from 0 to ${highestFirstPort}, not "${text}"`, 2);
  }
  return port;
}
