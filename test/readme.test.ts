import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { renderFirstScreen } from '../local/first-screen.ts';
import {
  findBrokenFeatures,
  findBrokenLinks,
  type LinkTargets,
  readFeatureRows,
  readHeadingIds,
  readTitles,
} from './markdown-links.ts';

const project: LinkTargets = {
  read: (path) => (existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : undefined),
  exists: existsSync,
};

/** Folders that hold what others wrote or what is made anew. */
const foreign = new Set(['node_modules', 'build', 'cdk.out', 'coverage']);

function listDocuments(folder = '.'): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || foreign.has(entry.name)) return [];
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listDocuments(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

function aProject(files: Record<string, string>): LinkTargets {
  const paths = Object.keys(files);
  return {
    read: (path) => files[path],
    exists: (path) => paths.some((known) => known === path || known.startsWith(`${path}/`)),
  };
}

describe('the documents', () => {
  const documents = listDocuments();

  it('are found', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/runbook.md', 'docs/adr/README.md']));
  });

  it.each(documents)('%s has no link that leads nowhere', (path) => {
    expect(findBrokenLinks(path, project.read(path) ?? '', project)).toEqual([]);
  });
});

describe('the index of decisions', () => {
  const index = project.read('docs/adr/README.md') ?? '';

  it('lists every page', () => {
    const pages = listDocuments('docs/adr').filter((path) => /\/\d{4}-/.test(path));

    expect(pages.filter((path) => !index.includes(`(${path.slice('docs/adr/'.length)})`))).toEqual([]);
  });
});

describe('the feature table of the README', () => {
  const readme = project.read('README.md') ?? '';

  it('has rows', () => {
    expect(readFeatureRows(readme).length).toBeGreaterThan(25);
  });

  it('names a test for every feature, and every test it names exists', () => {
    expect(findBrokenFeatures('README.md', readme, project)).toEqual([]);
  });
});

describe('the commands of the README', () => {
  const readme = project.read('README.md') ?? '';

  it.each(['npm ci && npm start', 'npm ci && npm test'])('include %s', (command) => {
    expect(readme).toContain(command);
  });

  it('are the sample lines that the local run prints', () => {
    const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;
    const urls = { bridge: at(3000), meta: at(3001, '/meta'), genesys: at(3001, '/genesys') };
    const screen = renderFirstScreen({ ...urls, control: at(3002), aws: at(3003) }, '.local');
    const samples = screen.split('\n').flatMap((line) => /^\s*(curl .*)$/.exec(line)?.[1] ?? []);

    expect(samples).toHaveLength(4);
    for (const sample of samples) expect(readme).toContain(`\n${sample}\n`);
  });

  it('are scripts that exist', () => {
    const { scripts } = JSON.parse(project.read('package.json') ?? '{}');
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);

    expect(Object.keys(scripts)).toEqual(expect.arrayContaining([...named, 'start', 'test']));
  });
});

describe('a link', () => {
  const targets = aProject({
    'README.md': '',
    'docs/a.md': '# The `door`: one & only\n## Twice\n## Twice\n```\n# no heading\n```\n',
    'lib/x.ts': '',
  });

  it.each([
    ['to a file', '[a](docs/a.md)'],
    ['to a folder', '[a](lib/)'],
    ['to a heading', '[a](docs/a.md#the-door-one--only)'],
    ['to the second of two equal headings', '[a](docs/a.md#twice-1)'],
    ['to another site', '[a](https://example.com/nothing#here)'],
    ['in code', '`[a](nowhere.md)`\n```\n[a](nowhere.md)\n```'],
  ])('%s is good', (_name, markdown) => {
    expect(findBrokenLinks('README.md', markdown, targets)).toEqual([]);
  });

  it.each([
    ['to no file', 'README.md', '[a](docs/b.md)', 'there is no docs/b.md'],
    ['to no heading', 'README.md', '[a](docs/a.md#nothing)', 'docs/a.md has no heading #nothing'],
    [
      'to a heading in code',
      'README.md',
      '[a](docs/a.md#no-heading)',
      'docs/a.md has no heading #no-heading',
    ],
    ['to no heading of its own', 'docs/a.md', '[a](#nothing)', 'docs/a.md has no heading #nothing'],
    ['from the wrong folder', 'docs/a.md', '[a](docs/a.md)', 'there is no docs/docs/a.md'],
  ])('%s is found', (_name, path, markdown, reason) => {
    expect(findBrokenLinks(path, `\n${markdown}`, targets)).toEqual([`${path}:2: ${reason}`]);
  });

  it('to a heading follows the rules of GitHub', () => {
    const ids = readHeadingIds('# 5. Counters ride on `log_lines`, free\n### Über [uns](x.md)');

    expect([...ids]).toEqual(['5-counters-ride-on-log_lines-free', 'über-uns']);
  });
});

describe('a feature', () => {
  const targets = aProject({
    'test/a.test.ts':
      "describe('a text', () => {\n  it('is delivered', () => {});\n  it.skip('is skipped', () => {});\n});",
  });

  it.each([
    ['shown by a test', '[is delivered](test/a.test.ts)'],
    ['shown by a test of a group', '[a text › is delivered](test/a.test.ts)'],
  ])('%s is good', (_name, link) => {
    expect(findBrokenFeatures('README.md', `| 7 | Store | ${link} |`, targets)).toEqual([]);
  });

  it.each([
    ['without a test', 'none', ' names no test'],
    ['shown by a test that is gone', '[is lost](test/a.test.ts)', ': test/a.test.ts has no “is lost”'],
    ['of a group that is gone', '[x › is delivered](test/a.test.ts)', ': test/a.test.ts has no “x”'],
    ['shown by a group alone', '[a text](test/a.test.ts)', ': test/a.test.ts has no “a text”'],
    ['shown by a skipped test', '[is skipped](test/a.test.ts)', ': test/a.test.ts has no “is skipped”'],
    ['in a file that is gone', '[is delivered](test/b.test.ts)', ': there is no test/b.test.ts'],
    ['shown by no test file', '[is delivered](lib/a.ts)', ': lib/a.ts is no test file'],
  ])('%s is found', (_name, link, reason) => {
    expect(findBrokenFeatures('README.md', `| U7 | Store | ${link} |`, targets)).toEqual([
      `README.md:1: feature U7${reason}`,
    ]);
  });

  it('that is listed twice is found', () => {
    const row = '| 7 | Store | [is delivered](test/a.test.ts) |';

    expect(findBrokenFeatures('README.md', `${row}\n${row}`, targets)).toEqual([
      'README.md:2: feature 7 is listed twice',
    ]);
  });
});

describe('the titles of a test file', () => {
  it('are read from plain tests and from tables, in any quotes', () => {
    const { groups, tests } = readTitles(
      [
        "describe('group', () => {",
        '  it("isn\'t lost", async () => {});',
        "  test('it\\'s there', () => {});",
        "  it.each([['a'], ['b']])(\n    'shows %s',\n    (x) => x);",
        "  expect('not a title', 1);",
        "  xit('not run', () => {});",
      ].join('\n'),
    );

    expect([...groups]).toEqual(expect.arrayContaining(['group']));
    expect([...tests]).toEqual(["isn't lost", "it's there", 'shows %s']);
  });
});
