#!/usr/bin/env node
// The operator's command line: `npx bridge <command>`.
import { BridgeError } from '../lambdas/core/errors.ts';
import { TenantFileError } from '../lib/config/tenant-file-error.ts';
import { CommandError, exitCodes } from './command-error.ts';
import { commands, overview } from './commands.ts';
import { createTerminal } from './terminal.ts';

const [name, ...args] = process.argv.slice(2);
try {
  process.exitCode = await run();
} catch (error) {
  process.exitCode = report(error);
}

async function run(): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overview());
    return exitCodes.done;
  }
  const command = commands.get(name);
  if (!command) {
    throw new CommandError(`there is no command '${name}'; there are: ${[...commands.keys()].join(', ')}`);
  }
  if (args.includes('--help') || args.includes('-h')) {
    console.log(command.usage);
    return exitCodes.done;
  }
  return command.run(args, createTerminal());
}

/** Mistakes and known trouble are told in one line; anything else is a bug and shows where it happened. */
function report(error: unknown): number {
  if (error instanceof CommandError) {
    console.error(`bridge ${name}: ${error.message}`);
    return error.exitCode;
  }
  if (error instanceof TenantFileError) {
    console.error(error.message);
    return exitCodes.usage;
  }
  if (error instanceof BridgeError) {
    console.error(`bridge ${name}: ${error.message}`);
    return error.kind === 'payload-malformed' ? exitCodes.usage : exitCodes.unreachable;
  }
  console.error(error);
  return exitCodes.unfinished;
}
