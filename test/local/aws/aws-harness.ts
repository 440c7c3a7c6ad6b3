// Starts the local AWS for a test file and makes clients that call it as a function would.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { AwsClientConfig } from '../../../local/aws/local-aws.ts';
import type { AwsProcessMethods } from './aws-process.ts';

export interface TestAws {
  url: string;
  child: ChildProcess;
  /** Calls a method of the local AWS in its process. */
  ask<M extends keyof AwsProcessMethods>(
    method: M,
    ...args: Parameters<AwsProcessMethods[M]>
  ): Promise<Awaited<ReturnType<AwsProcessMethods[M]>>>;
  /** SDK settings of a function of this name, as its environment would give them. */
  asFunction(name: string): AwsClientConfig;
  runner: AwsClientConfig;
  stop(): Promise<void>;
}

interface Reply {
  id: number;
  value?: unknown;
  error?: string;
}

export async function startTestAws(): Promise<TestAws> {
  const child = fork(join(__dirname, 'aws-process.ts'), { execArgv: [] });
  const pending = new Map<number, (reply: Reply) => void>();
  const receive = (id: number) =>
    new Promise<unknown>((resolve, reject) => {
      pending.set(id, ({ value, error }) => (error ? reject(new Error(error)) : resolve(value)));
    });
  child.on('message', (reply: Reply) => pending.get(reply.id)?.(reply));
  const started = receive(0);
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the local AWS ended with ${code}`)),
  );
  failed.catch(() => undefined);
  const { url, env, runner } = (await Promise.race([started, failed])) as {
    url: string;
    env: Record<string, string>;
    runner: AwsClientConfig;
  };
  let lastId = 0;
  return {
    url,
    child,
    runner,
    ask: async (method, ...args) => {
      lastId += 1;
      child.send({ id: lastId, method, args });
      return (await receive(lastId)) as never;
    },
    asFunction: (name) => ({
      endpoint: url,
      region: 'eu-west-1',
      credentials: { accessKeyId: name, secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
    }),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

/** Polls until `probe` gives something. @throws Error when it does not within the time. */
export async function waitFor<T>(probe: () => Promise<T | undefined>, timeoutMs = 5000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
