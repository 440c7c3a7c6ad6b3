import { copyFileSync, cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
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
