import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  findViolations,
  longestHandler,
  readImports,
  type SourceFile,
  sourceFolders,
} from './import-rules.ts';

function readSources(folder: string): SourceFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?ts$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

describe('the source tree', () => {
  const files = [...new Set(sourceFolders)].flatMap(readSources);

  it('is read', () => {
    const folders = new Set(files.map(({ path }) => path.split('/')[0]));

    expect([...folders]).toEqual(expect.arrayContaining(['bin', 'lambdas', 'lib', 'local', 'test']));
  });

  it('keeps to the import table, without barrels and with thin handlers', () => {
    expect(findViolations(files)).toEqual([]);
  });
});

describe('an import that is refused', () => {
  it.each([
    ['core, of a node module', 'lambdas/core/policy/retry.ts', "import { hash } from 'node:crypto';"],
    ['core, of a package', 'lambdas/core/model/x.ts', "import { z } from 'zod';"],
    ['core, of a flow', 'lambdas/core/model/x.ts', "import { run } from '../../flows/run.ts';"],
    ['core, of a type outside', 'lambdas/core/x.ts', "import type { A } from '../adapters/aws/clients.ts';"],
    ['core, in a type expression', 'lambdas/core/x.ts', "type A = import('../runtime/env.ts').Env;"],
    ['flows, of an adapter', 'lambdas/flows/x.ts', "import { a } from '../adapters/system.ts';"],
    ['flows, of the runtime', 'lambdas/flows/x.ts', "import { Env } from '../runtime/env.ts';"],
    ['flows, of the SDK', 'lambdas/flows/x.ts', "import { SQSClient } from '@aws-sdk/client-sqs';"],
    ['adapters, of a flow', 'lambdas/adapters/aws/x.ts', "import { a } from '../../flows/a.ts';"],
    ['adapters, of the runtime', 'lambdas/adapters/system.ts', "import { Env } from '../runtime/env.ts';"],
    ['adapters, of another provider', 'lambdas/adapters/meta/x.ts', "import { a } from '../genesys/a.ts';"],
    ['adapters, of a stray package', 'lambdas/adapters/aws/x.ts', "import axios from 'axios';"],
    ['runtime, of an adapter', 'lambdas/runtime/x.ts', "import { a } from '../adapters/system.ts';"],
    ['runtime, of a flow', 'lambdas/runtime/x.ts', "import { a } from '../flows/a.ts';"],
    ['runtime, of core conversion', 'lambdas/runtime/x.ts', "import { a } from '../core/convert/text.ts';"],
    ['runtime, of types as code', 'lambdas/runtime/x.ts', "import { SQSEvent } from 'aws-lambda';"],
    ['wiring, of core', 'lambdas/wiring/x.ts', "import { a } from '../core/policy/retry.ts';"],
    ['wiring, of a handler', 'lambdas/wiring/x.ts', "import { a } from '../handlers/health.ts';"],
    ['flows, of wiring', 'lambdas/flows/x.ts', "import { a } from '../wiring/a.ts';"],
    ['handlers, of core', 'lambdas/handlers/x.ts', "import { a } from '../core/policy/retry.ts';"],
    ['handlers, of the SDK', 'lambdas/handlers/x.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['handlers, of a handler', 'lambdas/handlers/x.ts', "import { handler } from './health.ts';"],
    [
      'lib, of code in a function',
      'lib/stacks/x.ts',
      "import { a } from '../../lambdas/runtime/settings.ts';",
    ],
    ['lib, of the local run', 'lib/x.ts', "import { a } from '../local/plan.ts';"],
    ['bin, of lambdas', 'bin/x.ts', "import { Env } from '../lambdas/runtime/env.ts';"],
    ['local, of lambdas', 'local/x.ts', "import { Env } from '../lambdas/runtime/env.ts';"],
    ['local, of lib', 'local/aws/x.ts', "import { nameOf } from '../../lib/config/names.ts';"],
    ['local, when it is asked for late', 'local/x.ts', "const a = await import('../lib/bridge-app.ts');"],
    ['bench, of a handler', 'bench/x.ts', "import { handler } from '../lambdas/handlers/meta-door.ts';"],
    ['soak, of the local run', 'soak/x.ts', "import { a } from '../local/plan.ts';"],
    ['simulation, of lib', 'simulation/x.ts', "import { a } from '../lib/bridge-app.ts';"],
    ['cli, of the local run', 'cli/x.ts', "import { a } from '../local/plan.ts';"],
    ['console, of code in core', 'console/app.ts', "import { a } from '../lambdas/core/model/message.ts';"],
    ['lib, of a test', 'lib/x.ts', "import { a } from '../test/builders.ts';"],
    ['core, for its effect only', 'lambdas/core/x.ts', "import 'node:fs';"],
    ['core, over several lines', 'lambdas/core/x.ts', "import {\n  hash,\n  verify,\n} from 'node:crypto';"],
    ['of a folder without rules', 'stray/x.ts', ''],
  ])('%s', (_name, path, text) => {
    expect(findViolations([{ path, text }])).toEqual([expect.stringContaining(`${path}:1: `)]);
  });

  it('is named with its line, the rule and what was imported', () => {
    const text = "// Why.\nimport type { A } from './a.ts';\n\nimport { hash } from 'node:crypto';\n";

    expect(findViolations([{ path: 'lambdas/core/x.ts', text }])).toEqual([
      'lambdas/core/x.ts:4: core may import only core, not "node:crypto"',
    ]);
  });
});

describe('an import that is allowed', () => {
  it.each([
    ['flows, of core', 'lambdas/flows/x.ts', "import { a } from '../core/errors.ts';"],
    ['adapters, of HTTP', 'lambdas/adapters/meta/x.ts', "import { a } from '../http/http-client.ts';"],
    ['adapters, of Node', 'lambdas/adapters/meta/x.ts', "import { hash } from 'node:crypto';"],
    ['adapters, of their own', 'lambdas/adapters/meta/x.ts', "import { a } from './meta-failures.ts';"],
    ['adapters, of what is no provider', 'lambdas/adapters/meta/x.ts', "import { a } from '../hmac.ts';"],
    ['runtime, of types only', 'lambdas/runtime/x.ts', "import type { SQSEvent } from 'aws-lambda';"],
    ['handlers, of wiring', 'lambdas/handlers/x.ts', "import { a } from '../wiring/a.ts';"],
    ['wiring, of adapters', 'lambdas/wiring/x.ts', "import { a } from '../adapters/system.ts';"],
    ['lib, of the names', 'lib/constructs/x.ts', "import { Env } from '../../lambdas/runtime/env.ts';"],
    ['console, of types', 'console/app.ts', "import type { A } from '../lambdas/core/model/message.ts';"],
    ['tests, of anything', 'test/x.test.ts', "import { a } from '../local/plan.ts';"],
    ['in a comment', 'lambdas/core/x.ts', "// import { hash } from 'node:crypto';"],
    ['in a text', 'lambdas/core/x.ts', "const text = `import x from 'node:crypto'`;"],
  ])('%s', (_name, path, text) => {
    expect(findViolations([{ path, text }])).toEqual([]);
  });
});

describe('a handler', () => {
  const path = 'lambdas/handlers/x.ts';
  const flow = (name: string, text = ''): SourceFile => ({ path: `lambdas/flows/${name}.ts`, text });
  const twoFlows = "import { a } from '../flows/a.ts';\nimport { b } from '../flows/b.ts';\n";

  it('may not run two flows', () => {
    expect(findViolations([{ path, text: twoFlows }, flow('a'), flow('b')])).toEqual([
      `${path}:2: a handler runs one flow, and these are several: lambdas/flows/a.ts, lambdas/flows/b.ts`,
    ]);
  });

  it('may wire a part of its flow, however deep it is', () => {
    const files = [
      flow('a', "import { c } from './c.ts';"),
      flow('c', "import { b } from './b.ts';"),
      flow('b'),
    ];

    expect(findViolations([{ path, text: twoFlows }, ...files])).toEqual([]);
  });

  it('has room for its imports and few lines besides', () => {
    const imports = "import {\n  a,\n} from '../adapters/system.ts';\n".repeat(30);
    const lines = (count: number) => 'void 0;\n'.repeat(count);

    expect(findViolations([{ path, text: imports + lines(longestHandler) }])).toEqual([]);
    expect(findViolations([{ path, text: imports + lines(longestHandler + 1) }])).toEqual([
      `${path}:1: a handler has at most ${longestHandler} lines besides its imports, this one ${longestHandler + 1}`,
    ]);
  });
});

describe('a barrel', () => {
  it.each([
    ['of everything', "export * from './a.ts';"],
    ['of some names', "export { a } from './a.ts';"],
    ['of types', "export type { A } from './a.ts';"],
    ['over several lines', "export {\n  a,\n  b,\n} from './a.ts';"],
  ])('%s is refused', (_name, text) => {
    expect(findViolations([{ path: 'lib/x.ts', text }])).toEqual([
      'lib/x.ts:1: no barrels: import from the file where it is, instead of exporting it again',
    ]);
  });

  it('by its name is refused', () => {
    expect(findViolations([{ path: 'lib/constructs/index.ts', text: '' }])).toEqual([
      'lib/constructs/index.ts:1: no barrels: name the file after what is in it',
    ]);
  });
});

describe('reading imports', () => {
  it('finds statements, effects, calls and types with their lines', () => {
    const text = [
      "import { a } from 'a';",
      "import type { B } from 'b';",
      "import 'c';",
      "const d = await import('d');",
      "const e = require('e');",
      "export { f } from 'f';",
    ].join('\n');

    expect(readImports(text).map(({ line, specifier, typeOnly }) => [line, specifier, typeOnly])).toEqual(
      expect.arrayContaining([
        [1, 'a', false],
        [2, 'b', true],
        [3, 'c', false],
        [4, 'd', false],
        [5, 'e', false],
        [6, 'f', false],
      ]),
    );
  });
});
