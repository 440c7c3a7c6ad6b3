// The words of an operator: the command line as it is run, and what lies in the tables and the archive.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { LocalRun, StoredRecord } from './local-run.ts';

/** How a command ended and what it said. */
export interface Said {
  code: number;
  text: string;
}

export class Operator {
  readonly #run: LocalRun;
  #archived = 0;

  constructor(run: LocalRun) {
    this.#run = run;
  }

  /** `npx bridge …` against this run. */
  bridge(...args: string[]): Promise<Said> {
    const program = [resolve('cli/bridge.ts'), ...args, '--dir', this.#run.dir];
    return new Promise((end) => {
      execFile(resolve('node_modules/.bin/node'), program, { timeout: 90_000 }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        end({ code, text: `${stdout}${stderr}` });
      });
    });
  }

  replay(...args: string[]): Promise<Said> {
    return this.bridge('replay', ...args);
  }

  /** All records of the ledger that belong to a message, copies included. */
  async recordsOf(id: string): Promise<(StoredRecord & { forced?: string; replay?: string })[]> {
    const found = await this.#run.get<StoredRecord[]>(
      `${this.#run.endpoints.control}/_ledger?id=${encodeURIComponent(id)}`,
    );
    return found.toSorted((a, b) => a.pk.length - b.pk.length);
  }

  /** Puts a webhook into the archive as if it had been received then, without anybody having processed it. */
  async archive(receivedAt: number, webhook: unknown): Promise<string> {
    const { aws, archiveBucket, tenant } = this.#run.endpoints;
    const day = new Date(receivedAt).toISOString().slice(0, 10);
    this.#archived += 1;
    const key = `raw/${tenant}/${day}/${receivedAt}-${String(this.#archived).padStart(32, '0')}.json`;
    const client = new S3Client({
      endpoint: aws,
      region: 'eu-west-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'runner.test', secretAccessKey: 'dummy' },
    });
    await client.send(
      new PutObjectCommand({ Bucket: archiveBucket, Key: key, Body: JSON.stringify(webhook) }),
    );
    client.destroy();
    return key;
  }
}

/** The requests a dry run printed, in order, each as one text. */
export function printedCalls(text: string): string[] {
  return [...text.matchAll(/^# .*\n([A-Z]+ \S+)\n(\{.*\})$/gm)].map(([, head, body]) => `${head} ${body}`);
}

/** A request of a stand-in's log as a dry run prints it, as one text. @param base address of the stand-in */
export function asText(
  base: string,
  {
    method,
    path,
    query,
    body,
  }: { method: string; path: string; query: Record<string, string>; body: unknown },
): string {
  const search = new URLSearchParams(query).toString();
  return `${method} ${base}${path}${search === '' ? '' : `?${search}`} ${JSON.stringify(body)}`;
}

/** Leaves out what is made anew for every request: signatures of addresses, and the number of the replay itself. */
export function masked(text: string): string {
  return text
    .replace(/replay-\d{8}T\d{9}Z-[0-9a-f]{6}/g, 'replay-<number>')
    .replace(/\?X-Amz-[^"\\ ]*|\?[^"\\ ]*X-Amz-Signature[^"\\ ]*/g, '?<presigned>');
}
