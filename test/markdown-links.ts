// What the documents promise by their links: pages and headings that exist, and tests that show a feature.
import { posix } from 'node:path';

/** The project as far as links can reach it. */
export interface LinkTargets {
  /** Text of a file; undefined when there is none. Paths are relative to the project. */
  read(path: string): string | undefined;
  /** True for files and folders. */
  exists(path: string): boolean;
}

interface Link {
  line: number;
  text: string;
  target: string;
}

const isExternal = (target: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(target);

/** Lines of a document with code taken out, so that nothing in it is read as a link or heading. */
function readProse(markdown: string): string[] {
  let fence: string | undefined;
  return markdown.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && mark === undefined) return line;
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) fence = undefined;
    return '';
  });
}

/** Every inline link of a document. */
export function readLinks(markdown: string): Link[] {
  return readProse(markdown).flatMap((line, index) =>
    [
      ...line
        .replaceAll(/`[^`]*`/g, (code) => ' '.repeat(code.length))
        .matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g),
    ].map(([, text = '', target = '']) => ({ line: index + 1, text, target })),
  );
}

/** The fragments under which GitHub shows the headings of a document. */
export function readHeadingIds(markdown: string): Set<string> {
  const ids = new Set<string>();
  for (const line of readProse(markdown)) {
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const id = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let unique = id;
    for (let count = 1; ids.has(unique); count += 1) unique = `${id}-${count}`;
    ids.add(unique);
  }
  return ids;
}

/** Every relative link of a document that leads nowhere, as `file:line: reason`. */
export function findBrokenLinks(path: string, markdown: string, targets: LinkTargets): string[] {
  return readLinks(markdown).flatMap(({ line, target }) => {
    if (isExternal(target)) return [];
    const [file = '', fragment] = target.split('#');
    const aim = file === '' ? path : posix.join(posix.dirname(path), decodeURI(file)).replace(/\/$/, '');
    if (!targets.exists(aim)) return [`${path}:${line}: there is no ${aim}`];
    if (fragment === undefined || !aim.endsWith('.md')) return [];
    const ids = readHeadingIds(targets.read(aim) ?? '');
    return ids.has(fragment) ? [] : [`${path}:${line}: ${aim} has no heading #${fragment}`];
  });
}

export interface FeatureRow {
  line: number;
  /** `1`, or `U1`. */
  number: string;
  links: Link[];
}

/** The rows of all tables whose first column is a feature's number. */
export function readFeatureRows(markdown: string): FeatureRow[] {
  const links = readLinks(markdown);
  return readProse(markdown).flatMap((text, index) => {
    const number = /^\|\s*(U?\d+)\s*\|/.exec(text)?.[1];
    const line = index + 1;
    return number === undefined ? [] : [{ line, number, links: links.filter((link) => link.line === line) }];
  });
}

/** What is wrong with the feature rows of `path`, as `file:line: reason`. */
export function findBrokenFeatures(path: string, markdown: string, targets: LinkTargets): string[] {
  const rows = readFeatureRows(markdown);
  return rows.flatMap(({ line, number, links }, index) => {
    const where = `${path}:${line}: feature ${number}`;
    if (rows.findIndex((row) => row.number === number) !== index) return [`${where} is listed twice`];
    if (links.length === 0) return [`${where} names no test`];
    return links.flatMap(({ text, target }) => {
      if (!/^test\/.*\.(test|contract)\.ts$/.test(target)) return [`${where}: ${target} is no test file`];
      const source = targets.read(target);
      if (source === undefined) return [`${where}: there is no ${target}`];
      const { groups, tests } = readTitles(source);
      const names = text.split(' › ');
      const missing = names.find((name, at) => !(at === names.length - 1 ? tests : groups).has(name));
      return missing === undefined ? [] : [`${where}: ${target} has no “${missing}”`];
    });
  });
}

const quoted = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/.source;

/** Titles in a test file as written there, placeholders of tables included; skipped tests do not count. */
export function readTitles(source: string): { groups: Set<string>; tests: Set<string> } {
  const listAfter = (opening: string): string[] =>
    [...source.matchAll(new RegExp(`${opening}\\(\\s*(${quoted})\\s*,`, 'g'))].map(([, title = '']) =>
      title.slice(1, -1).replaceAll(/\\(['"`\\])/g, '$1'),
    );
  const tabled = listAfter(String.raw`\)`);
  return {
    groups: new Set([...listAfter(String.raw`\bdescribe`), ...tabled]),
    tests: new Set([...listAfter(String.raw`(?<![.\w])(?:it|test)`), ...tabled]),
  };
}
