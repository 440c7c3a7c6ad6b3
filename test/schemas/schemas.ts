// The request schemas of both providers, ready to be asked.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** Says what is wrong with a body, one line per fault; empty when nothing is. */
export type FindFaults = (body: unknown) => string[];

const root = join(process.cwd(), 'test/schemas');

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
for (const folder of ['whatsapp', 'genesys']) {
  for (const file of readdirSync(join(root, folder))) {
    ajv.addSchema(JSON.parse(readFileSync(join(root, folder, file), 'utf8')));
  }
}

function faultsOf(name: string): FindFaults {
  const validate = ajv.getSchema(`https://bridge.invalid/${name}.json`);
  if (!validate) throw new Error(`there is no schema ${name}`);
  return (body) =>
    validate(body) === true
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
}

/** Faults of the body of any send to WhatsApp. */
export const findSendFaults = faultsOf('whatsapp/send');
/** Faults of a read mark to WhatsApp. */
export const findReadMarkFaults = faultsOf('whatsapp/read-mark');
/** Faults of a receipt to Genesys. */
export const findReceiptFaults = faultsOf('genesys/receipt');
