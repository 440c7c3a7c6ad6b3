// The raw archive in memory: what was put, by key.
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { Archive } from '../../lambdas/core/ports.ts';
import type { ArchiveIndex } from '../../lambdas/core/replay-ports.ts';
import { receivedAtOf } from '../../lambdas/flows/replay/read-raw-webhook.ts';

export class MemoryArchive implements Archive, ArchiveIndex {
  readonly objects = new Map<string, Uint8Array>();

  async put(key: string, bytes: Uint8Array): Promise<void> {
    this.objects.set(key, bytes);
  }

  async get(key: string): Promise<Uint8Array> {
    const bytes = this.objects.get(key);
    if (!bytes) throw new BridgeError('store-unavailable', 'there is no such object', { code: 'NoSuchKey' });
    return bytes;
  }

  async *list(from: number, to: number): AsyncIterable<string> {
    for (const key of [...this.objects.keys()].sort()) {
      if (!key.startsWith('raw/')) continue;
      const at = receivedAtOf(key) ?? 0;
      if (at >= from && at < to) yield key;
    }
  }
}
