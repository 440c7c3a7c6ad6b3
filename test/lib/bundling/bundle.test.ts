import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleError, bundle } from '../../../lib/bundling/bundle.ts';
import { createTemporaryProject } from '../temporary-project.ts';

// What a real door loads: every AWS client it may ever need, the middleware engine and the logger.
const door = `
  import { Logger } from '@aws-lambda-powertools/logger';
  import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
  import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
  import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
  import middy from '@middy/core';
  const logger = new Logger();
  const clients = [new S3Client({}), new SecretsManagerClient({}), new SQSClient({})];
  const commands = [PutObjectCommand, GetSecretValueCommand, SendMessageBatchCommand];
  export const handler = middy(async (event: { name: string }) => {
    const { accessKeyId } = await clients[0].config.credentials();
    return { hello: event.name, accessKeyId, commands: commands.length, logs: typeof logger.info };
  });
`;
const worker = 'export const handler = async (): Promise<string> => "worked";';

const roots: string[] = [];

function aProject(files: Record<string, string>): string {
  const root = createTemporaryProject(files);
  roots.push(root);
  return root;
}

function catchMessage(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof BundleError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function countBytes(folder: string): number {
  return listFiles(folder).reduce((sum, file) => sum + readFileSync(file).byteLength, 0);
}

/** Lays bundle and layer out as in a function's sandbox, where nothing else is installed, and invokes the handler. */
function invokeAlone(code: string, layer: string, event: unknown): unknown {
  const sandbox = mkdtempSync(join(tmpdir(), 'bridge-sandbox-'));
  roots.push(sandbox);
  cpSync(code, join(sandbox, 'task'), { recursive: true });
  cpSync(layer, join(sandbox, 'opt'), { recursive: true });
  const script = `require('${sandbox}/task/index.js').handler(${JSON.stringify(event)}, {}).then((r) => console.log(JSON.stringify(r)))`;
  const env = {
    PATH: process.env.PATH,
    NODE_PATH: join(sandbox, 'opt/nodejs/node_modules'),
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'from-environment',
    AWS_SECRET_ACCESS_KEY: 'unused',
  };
  return JSON.parse(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' }));
}

afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

describe('the bundles', () => {
  const root = aProject({ 'lambdas/handlers/door.ts': door, 'lambdas/handlers/worker.ts': worker });
  const bundles = bundle(root);

  it('are one per handler file', () => {
    expect(Object.keys(bundles.functions)).toEqual(['door', 'worker']);
    expect(listFiles(join(root, 'build/functions'))).toEqual([
      join(root, 'build/functions/door/index.js'),
      join(root, 'build/functions/worker/index.js'),
    ]);
  });

  it('run with the layer and nothing else, on the credentials of the environment', () => {
    const answer = invokeAlone(join(root, 'build/functions/door'), bundles.layer, { name: 'you' });

    expect(answer).toEqual({ hello: 'you', accessKeyId: 'from-environment', commands: 3, logs: 'function' });
  });

  it('leave what the layer holds to the layer, and say which versions it holds', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'layers/vendor/manifest.json'), 'utf8'));
    const text = readFileSync(join(root, 'build/functions/door/index.js'), 'utf8');

    for (const name of manifest.packages) {
      const held = JSON.parse(
        readFileSync(join(bundles.layer, 'nodejs/node_modules', name, 'package.json'), 'utf8'),
      );
      const installed = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
      expect(held.version).toBe(installed.version);
      expect(text).toContain(`require("${name}")`);
    }
  });

  it('keep a door with its layer within 500 KiB', () => {
    const bytes = countBytes(join(root, 'build/functions/door')) + countBytes(bundles.layer);

    expect(bytes).toBeLessThanOrEqual(500 * 1024);
  });

  it('carry no source map and no path of the machine that built them', () => {
    for (const file of listFiles(join(root, 'build'))) {
      const text = readFileSync(file, 'utf8');
      expect(text).not.toContain('sourceMappingURL');
      expect(text).not.toContain(root);
    }
  });

  it('are the same bytes when built elsewhere', () => {
    const other = aProject({ 'lambdas/handlers/door.ts': door, 'lambdas/handlers/worker.ts': worker });

    bundle(other);

    for (const file of listFiles(join(root, 'build'))) {
      expect(readFileSync(file.replace(root, other), 'utf8')).toBe(readFileSync(file, 'utf8'));
    }
  });
});

describe('bundling', () => {
  it('forgets the function of a handler that is gone', () => {
    const root = aProject({ 'lambdas/handlers/a.ts': worker, 'lambdas/handlers/b.ts': worker });
    bundle(root);
    rmSync(join(root, 'lambdas/handlers/b.ts'));

    const { functions } = bundle(root);

    expect(Object.keys(functions)).toEqual(['a']);
    expect(existsSync(join(root, 'build/functions/b/index.js'))).toBe(false);
  });

  it('says so when there are no handlers', () => {
    const message = catchMessage(() => bundle(aProject({})));

    expect(message).toContain('lambdas/handlers holds no handler');
  });

  it('names file and reason when a handler cannot be bundled', () => {
    const root = aProject({
      'lambdas/handlers/door.ts': "import { x } from './missing.ts'; export const handler = x;",
    });

    const message = catchMessage(() => bundle(root));

    expect(message).toContain('lambdas/handlers/door.ts:1');
    expect(message).toContain('Could not resolve "./missing.ts"');
  });

  it('refuses a part of a layer package that the layer does not hold', () => {
    const root = aProject({
      'lambdas/handlers/door.ts':
        "import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'; export const handler = injectLambdaContext;",
    });

    const message = catchMessage(() => bundle(root));

    expect(message).toContain("lambdas/handlers/door.ts imports '@aws-lambda-powertools/logger/middleware'");
    expect(message).toContain('layers/vendor/manifest.json');
  });

  it('names a layer package that is not installed', () => {
    const root = aProject({ 'lambdas/handlers/door.ts': worker });
    writeFileSync(join(root, 'layers/vendor/manifest.json'), '{ "packages": ["@middy/nothing"] }');

    const message = catchMessage(() => bundle(root));

    expect(message).toContain('@middy/nothing');
  });
});
