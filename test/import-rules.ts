// The rooms of the source tree and who may import whom, as a table, and the checker that reads import lines.
import { posix } from 'node:path';

/** A source file: path relative to the project with forward slashes, and its text. */
export interface SourceFile {
  path: string;
  text: string;
}

export interface ImportLine {
  line: number;
  /** As written. */
  specifier: string;
  typeOnly: boolean;
}

interface Room {
  name: string;
  /** Longer prefixes win. */
  prefix: string;
  /** What the room may import, for the message of a violation. */
  may: string;
  /** `target` is a path of the project, or the name of a package. */
  allows(target: string, file: string, typeOnly: boolean): boolean;
}

/** A prefix that ends in `/` or `:` means everything below it, any other one just itself. */
const isIn = (target: string, ...prefixes: string[]): boolean =>
  prefixes.some((prefix) => (/[/:]$/.test(prefix) ? target.startsWith(prefix) : target === prefix));

const rooms: Room[] = [
  {
    name: 'core',
    prefix: 'lambdas/core/',
    may: 'core',
    allows: (target) => isIn(target, 'lambdas/core/'),
  },
  {
    name: 'flows',
    prefix: 'lambdas/flows/',
    may: 'core and flows',
    allows: (target) => isIn(target, 'lambdas/core/', 'lambdas/flows/'),
  },
  {
    name: 'adapters',
    prefix: 'lambdas/adapters/',
    may: 'core, adapters/http, adapters without a provider, their own folder, the AWS SDK and node:',
    allows: (target, file) =>
      isIn(target, 'lambdas/core/', 'lambdas/adapters/http/', 'node:', '@aws-sdk/', '@smithy/') ||
      (target.startsWith('lambdas/adapters/') &&
        ['lambdas/adapters', posix.dirname(file)].includes(posix.dirname(target))),
  },
  {
    name: 'runtime',
    prefix: 'lambdas/runtime/',
    may: 'runtime, core/errors, core/ports, core/policy, middy and the logger',
    allows: (target, _file, typeOnly) =>
      isIn(target, 'lambdas/runtime/', 'lambdas/core/errors.ts', 'lambdas/core/ports.ts') ||
      isIn(target, 'lambdas/core/policy/', '@middy/', '@aws-lambda-powertools/logger') ||
      (typeOnly && target === 'aws-lambda'),
  },
  {
    name: 'wiring',
    prefix: 'lambdas/wiring/',
    may: 'wiring, runtime, adapters and flows',
    allows: (target) =>
      isIn(target, 'lambdas/wiring/', 'lambdas/runtime/', 'lambdas/adapters/', 'lambdas/flows/'),
  },
  {
    name: 'handlers',
    prefix: 'lambdas/handlers/',
    may: 'runtime, wiring, adapters and one flow',
    allows: (target) =>
      isIn(target, 'lambdas/runtime/', 'lambdas/wiring/', 'lambdas/adapters/', 'lambdas/flows/'),
  },
  {
    name: 'lib',
    prefix: 'lib/',
    may: 'lib, lambdas/runtime/env.ts, aws-cdk-lib, cdk-nag, constructs, esbuild and node:',
    allows: (target) =>
      isIn(target, 'lib/', 'lambdas/runtime/env.ts', 'node:', 'aws-cdk-lib', 'aws-cdk-lib/') ||
      isIn(target, 'cdk-nag', 'constructs', 'esbuild'),
  },
  {
    name: 'bin',
    prefix: 'bin/',
    may: 'lib, aws-cdk-lib and node:',
    allows: (target) => isIn(target, 'bin/', 'lib/', 'aws-cdk-lib', 'node:'),
  },
  {
    name: 'local',
    prefix: 'local/',
    may: 'local, the AWS SDK, the emulators and node:',
    allows: (target) =>
      isIn(target, 'local/', 'node:', '@aws-sdk/', '@smithy/', 'fauxqs', 'dynalite', 'dynalite/') ||
      isIn(target, 'aws-local-stepfunctions'),
  },
  {
    name: 'cli',
    prefix: 'cli/',
    may: 'cli, lib/config, flows, core, adapters, runtime, the AWS SDK and node:',
    allows: (target) =>
      isIn(target, 'cli/', 'lib/config/', 'lambdas/flows/', 'lambdas/core/', 'lambdas/adapters/') ||
      isIn(target, 'lambdas/runtime/', 'node:', '@aws-sdk/'),
  },
  ...['bench', 'simulation'].map((name) => ({
    name,
    prefix: `${name}/`,
    may: `${name}, flows, core, adapters, runtime, the AWS SDK and node:`,
    allows: (target: string, _file: string, typeOnly: boolean) =>
      isIn(target, `${name}/`, 'lambdas/flows/', 'lambdas/core/', 'lambdas/adapters/', 'lambdas/runtime/') ||
      isIn(target, 'node:', '@aws-sdk/') ||
      (typeOnly && target === 'aws-lambda'),
  })),
  {
    name: 'soak',
    prefix: 'soak/',
    may: 'soak, cli, flows, core, adapters, the AWS SDK and node:',
    allows: (target) =>
      isIn(target, 'soak/', 'cli/', 'lambdas/flows/', 'lambdas/core/', 'lambdas/adapters/') ||
      isIn(target, 'node:', '@aws-sdk/'),
  },
  {
    name: 'console',
    prefix: 'console/',
    may: 'console, and types of core/model',
    allows: (target, _file, typeOnly) =>
      isIn(target, 'console/') || (typeOnly && isIn(target, 'lambdas/core/model/')),
  },
  {
    name: 'test',
    prefix: 'test/',
    may: 'everything',
    allows: () => true,
  },
];

/** Folders that hold source files; every one of them is a room or is split into rooms. */
export const sourceFolders = ['lambdas', ...new Set(rooms.map(({ prefix }) => prefix.split('/')[0] ?? ''))];

/** Lines of a handler besides its imports, which are the list of what it touches. */
export const longestHandler = 60;

const staticImport = /^[ \t]*(import|export)\b([^;'"`]*?)\bfrom\s*(['"])([^'"]+)\3/gm;
const bareImport = /^[ \t]*import\s*(['"])([^'"]+)\1/gm;
const dynamicImport = /\b(import|require)\(\s*(['"])([^'"]+)\2\s*\)/g;

/** Every import of a file, whether a statement, a call or a type, in the order of kind and line. */
export function readImports(text: string): ImportLine[] {
  const lineAt = (index: number): number => text.slice(0, index).split('\n').length;
  const found: ImportLine[] = [];
  for (const match of text.matchAll(staticImport)) {
    const [statement, , clause = '', , specifier = ''] = match;
    const indent = statement.length - statement.trimStart().length;
    found.push({ line: lineAt(match.index + indent), specifier, typeOnly: /^\s*type\b/.test(clause) });
  }
  for (const match of text.matchAll(bareImport))
    found.push({ line: lineAt(match.index), specifier: match[2] ?? '', typeOnly: false });
  for (const match of text.matchAll(dynamicImport))
    found.push({ line: lineAt(match.index), specifier: match[3] ?? '', typeOnly: false });
  return found;
}

/** Path of the project that a relative import means; any other import is answered as written. */
function resolveTarget(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
}

function findRoom(path: string): Room | undefined {
  return rooms
    .filter(({ prefix }) => path.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** Every broken rule as `file:line: rule`, none when all is well. */
export function findViolations(files: readonly SourceFile[]): string[] {
  return [
    ...files.flatMap(checkImports),
    ...files.flatMap(checkBarrel),
    ...files.flatMap(checkHandlerSize),
    ...checkOneFlowPerHandler(files),
  ];
}

function checkImports({ path, text }: SourceFile): string[] {
  const room = findRoom(path);
  if (!room) return [`${path}:1: belongs to no room; say in test/import-rules.ts what it may import`];
  return readImports(text).flatMap(({ line, specifier, typeOnly }) => {
    const target = resolveTarget(path, specifier);
    if (isAnotherHandler(target, path)) return [`${path}:${line}: a handler may not import another handler`];
    return room.allows(target, path, typeOnly)
      ? []
      : [`${path}:${line}: ${room.name} may import only ${room.may}, not "${specifier}"`];
  });
}

function isAnotherHandler(target: string, path: string): boolean {
  return isIn(target, 'lambdas/handlers/') && isIn(path, 'lambdas/handlers/');
}

const reExport = /^[ \t]*export\s+(type\s+)?(\*|\{[^}]*\})[^;'"]*?\bfrom\b/m;

/** An import names the file where the thing is, so nothing is passed on. */
function checkBarrel({ path, text }: SourceFile): string[] {
  if (posix.basename(path) === 'index.ts')
    return [`${path}:1: no barrels: name the file after what is in it`];
  const match = reExport.exec(text);
  if (!match) return [];
  const line = text.slice(0, match.index).split('\n').length;
  return [`${path}:${line}: no barrels: import from the file where it is, instead of exporting it again`];
}

function checkHandlerSize({ path, text }: SourceFile): string[] {
  if (!isIn(path, 'lambdas/handlers/')) return [];
  const body = text.trimEnd().replaceAll(/^import\b[^;]*;\n?/gm, '');
  const lines = body.split('\n').length;
  return lines <= longestHandler
    ? []
    : [`${path}:1: a handler has at most ${longestHandler} lines besides its imports, this one ${lines}`];
}

/** A handler may also import parts of its flow, to wire them: one of its flows must reach all the others. */
function checkOneFlowPerHandler(files: readonly SourceFile[]): string[] {
  const flowsOf = new Map(
    files.map(({ path, text }) => [
      path,
      readImports(text)
        .map(({ specifier }) => resolveTarget(path, specifier))
        .filter((target) => isIn(target, 'lambdas/flows/')),
    ]),
  );
  const reach = (flow: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(flow)) return seen;
    seen.add(flow);
    for (const next of flowsOf.get(flow) ?? []) reach(next, seen);
    return seen;
  };
  return files
    .filter(({ path }) => isIn(path, 'lambdas/handlers/'))
    .flatMap(({ path, text }) => {
      const flows = [...new Set(flowsOf.get(path))];
      const isOneFlow = flows.some((flow) => flows.every((other) => reach(flow).has(other)));
      if (flows.length < 2 || isOneFlow) return [];
      const second = flows[1] ?? '';
      const at = readImports(text).find(({ specifier }) => resolveTarget(path, specifier) === second);
      return [
        `${path}:${at?.line ?? 1}: a handler runs one flow, and these are several: ${flows.join(', ')}`,
      ];
    });
}
