// Every command of the operator's command line.
import { auditCommand } from './audit-command.ts';
import { replayCommand } from './replay-command.ts';
import { sendCommand } from './send-command.ts';
import type { Terminal } from './terminal.ts';

export interface Command {
  /** One line for the overview. */
  summary: string;
  usage: string;
  /** Answers the exit code. @throws CommandError */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

export const commands: ReadonlyMap<string, Command> = new Map([
  ['replay', replayCommand],
  ['audit', auditCommand],
  ['send', sendCommand],
]);

export function overview(): string {
  const lines = [...commands].map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`);
  return `Operates one deployment of the bridge.

  npx bridge <command> [options]

${lines.join('\n')}

  npx bridge <command> --help   says what the command takes

A command talks to the local run in .local unless it is told otherwise:
  --dir DIR                  another folder of a local run
  --tenant NAME --stage S    a deployment, with your own AWS credentials`;
}
