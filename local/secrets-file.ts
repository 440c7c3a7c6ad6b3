// The secrets of the local stage: random, made once, readable by their owner only.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './options.ts';

/** What the secret of one number holds. */
export interface NumberSecrets {
  metaAppSecret: string;
  metaVerifyToken: string;
  metaAccessToken: string;
  genesysClientId: string;
  genesysClientSecret: string;
  genesysWebhookSecret: string;
  pseudonymKey: string;
}

/** Makes a folder only its owner can enter. */
export function makePrivateDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
}

/** Writes a file only its owner can read, whole or not at all. */
export function writePrivateFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/**
 * The secrets by phone number id; kept in `<dir>/secrets.json` and the same at the next start.
 * @throws StartError when the file is damaged.
 */
export function loadSecrets(dir: string, phoneNumberIds: string[]): Record<string, NumberSecrets> {
  makePrivateDir(dir);
  const file = join(dir, 'secrets.json');
  const known = existsSync(file) ? readSecrets(file) : {};
  for (const id of phoneNumberIds) known[id] = { ...makeSecrets(), ...known[id] };
  writePrivateFile(file, `${JSON.stringify(known, null, 2)}\n`);
  chmodSync(file, 0o600);
  return known;
}

function readSecrets(file: string): Record<string, NumberSecrets> {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new StartError(`${file} is not readable JSON; delete it to get new secrets (${String(error)})`);
  }
}

function makeSecrets(): NumberSecrets {
  const random = () => randomBytes(24).toString('hex');
  return {
    metaAppSecret: random(),
    metaVerifyToken: random(),
    metaAccessToken: random(),
    genesysClientId: random(),
    genesysClientSecret: random(),
    genesysWebhookSecret: random(),
    pseudonymKey: random(),
  };
}
