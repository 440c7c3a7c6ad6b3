import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes a folder hold exactly these files. Unchanged files are not touched and changed ones are swapped in whole,
 * so that two builds of the same sources may run side by side.
 */
export function replaceFolder(folder: string, contents: Record<string, string>): void {
  const wanted = new Set(Object.keys(contents).map((name) => resolve(folder, name)));
  for (const [name, text] of Object.entries(contents)) writeWhole(join(folder, name), text);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = resolve(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.has(path) && !isBeingWritten(path)) rmSync(path, { force: true });
  }
}

const suffix = '.writing';

function isBeingWritten(path: string): boolean {
  return path.endsWith(suffix);
}

function writeWhole(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}${suffix}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
