import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceFolder } from '../../../lib/bundling/replace-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'replace-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('replacing a folder', () => {
  it('swaps what changed, removes what is gone and does not touch the rest', () => {
    replaceFolder(folder, { 'a/same.js': 'same', 'changed.js': 'old', 'gone.js': 'gone' });
    const before = statSync(join(folder, 'a/same.js')).ino;

    replaceFolder(folder, { 'a/same.js': 'same', 'changed.js': 'new' });

    expect(readdirSync(folder).sort()).toEqual(['a', 'changed.js']);
    expect(readFileSync(join(folder, 'changed.js'), 'utf8')).toBe('new');
    expect(statSync(join(folder, 'a/same.js')).ino).toBe(before);
  });

  it('leaves alone what another build is just writing', () => {
    writeFileSync(join(folder, 'b.js.1234.writing'), 'half');

    replaceFolder(folder, { 'b.js': 'whole' });

    expect(readdirSync(folder)).toContain('b.js.1234.writing');
  });
});
