import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const project = resolve(__dirname, '../..');

/** A throw-away project with our lib, bin and packages, and with these files (by path) in place of our handlers. */
export function createTemporaryProject(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'bridge-project-'));
  for (const linked of ['lib', 'node_modules']) symlinkSync(join(project, linked), join(root, linked));
  for (const copied of ['bin', 'layers', 'tenants']) {
    cpSync(join(project, copied), join(root, copied), { recursive: true });
  }
  copyFileSync(join(project, 'package.json'), join(root, 'package.json'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Every function of the project, each with nothing in it: what the stacks need to be made. */
export function emptyHandlers(): Record<string, string> {
  const files = readdirSync(join(project, 'lambdas', 'handlers'));
  const nothing = 'export const handler = async (): Promise<void> => {};';
  return Object.fromEntries(files.map((file) => [`lambdas/handlers/${file}`, nothing]));
}
