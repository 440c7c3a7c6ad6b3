// `bridge send`: a message from a template to one customer, through the same queue as an agent's replies.
import { randomUUID } from 'node:crypto';
import { templateSend } from '../lambdas/core/convert/whatsapp/template-send.ts';
import type { LedgerRecord } from '../lambdas/core/model/ledger-record.ts';
import { outboundKey } from '../lambdas/core/model/ledger-record.ts';
import { parseOptions, placeOptions, readList } from './arguments.ts';
import { CommandError, exitCodes } from './command-error.ts';
import type { Command } from './commands.ts';
import { type Connection, connect } from './connect.ts';
import type { Terminal } from './terminal.ts';

const usage = `Sends a message from an approved WhatsApp template to one customer.

  npx bridge send --to 447700900123 --template order_update --language en_GB [--body "Ana,A-1001"]

  --to X           phone (digits) or BSUID
  --template NAME  name of the template at Meta
  --language CODE  its language, e.g. en_GB
  --body A,B       texts for the gaps of its body, in order
  --number ID      phone number id to send from (default: the only one of the tenant)
  --dry-run        print the exact request and send nothing
  --dir DIR        a local run (default .local)
  --tenant NAME --stage S

It waits in the customer's queue behind replies of agents. Genesys hears nothing of it.
Exit codes: 0 WhatsApp took it, 1 it did not (the reason is shown), 2 usage, 3 unreachable.`;

export const sendCommand: Command = {
  summary: 'send a WhatsApp template to one customer',
  usage,
  async run(args, terminal) {
    const values = parseOptions(args, {
      ...placeOptions,
      to: 'string',
      template: 'string',
      language: 'string',
      body: 'string',
      number: 'string',
      'dry-run': 'boolean',
    });
    const to = readAddress(values.to);
    const name = requireWord(values.template, 'template', /^[a-z0-9_]{1,512}$/);
    const language = requireWord(values.language, 'language', /^[a-z]{2,3}(_[A-Za-z]{2,4})?$/);
    const parameters = values.body === undefined ? [] : readList(values.body, 'body');
    if (values['dry-run']) {
      terminal.line(JSON.stringify({ to, ...templateSend({ name, language }, parameters) }, null, 2));
      return exitCodes.done;
    }
    const connection = await connect(values);
    const numberId = pickNumber(values.number, connection);
    const id = `send-${randomUUID()}`;
    const { enqueueTemplate, awaitFate } = await import('./send-client.ts');
    await enqueueTemplate({ to, id, numberId, message: { name, language, parameters } }, connection);
    return report(await awaitFate(outboundKey(numberId, id), connection), terminal);
  },
};

function readAddress(text: string | undefined): string {
  const digits = text?.replace(/^\+/, '') ?? '';
  if (/^\d{5,20}$/.test(digits)) return digits;
  if (text !== undefined && /^[A-Z]{2}\.[A-Za-z0-9.]{1,140}$/.test(text)) return text;
  throw new CommandError('--to needs a phone (digits) or a BSUID such as GB.77001122334455');
}

function requireWord(value: string | undefined, option: string, form: RegExp): string {
  if (value !== undefined && form.test(value)) return value;
  throw new CommandError(
    `--${option} ${value === undefined ? 'is missing' : `'${value}' has not the form of one at Meta`}`,
  );
}

function pickNumber(wanted: string | undefined, { integrations }: Connection): string {
  const numbers = [...integrations.keys()];
  const [only] = numbers;
  if (wanted === undefined && only !== undefined && numbers.length === 1) return only;
  if (wanted !== undefined && numbers.includes(wanted)) return wanted;
  throw new CommandError(`--number must be one of ${numbers.join(', ')}`);
}

function report(record: LedgerRecord | undefined, terminal: Terminal): number {
  if (record?.status === 'DELIVERED') {
    terminal.line(`WhatsApp took it: ${Object.values(record.sending?.wamids ?? {}).join(', ')}`);
    return exitCodes.done;
  }
  const fate = record ? `${record.status} ${record.reason ?? ''}`.trim() : 'still in the queue';
  terminal.line(`not sent: ${fate}`);
  return exitCodes.unfinished;
}
