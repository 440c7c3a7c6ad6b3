// An SQS FIFO queue as AWS documents it: a group is locked while any of its messages is in flight, a receive may take
// several messages of a group, every receive counts, and what was received too often moves to the dead letters.
import type { QueueMessage } from '../lambdas/core/ports.ts';

export interface StoredMessage extends QueueMessage {
  messageId: string;
  /** Order of acceptance over the whole queue. */
  sequence: number;
  receiveCount: number;
  visibleAt: number;
  /** Of the latest receive; older ones no longer work. */
  receiptHandle: string;
}

const dedupWindowMs = 300_000;
const batchSize = 10;

export class FifoQueue {
  readonly messages: StoredMessage[] = [];
  /** Everything that was ever received too often. */
  readonly deadLetters: StoredMessage[] = [];
  /** Everything ever accepted, in order. */
  readonly accepted: StoredMessage[] = [];
  readonly #seen = new Map<string, number>();
  readonly #visibilityMs: number;
  readonly #maxReceiveCount: number;
  readonly #deadLetterQueue: FifoQueue | undefined;
  readonly #firstSequence: number;
  #receives = 0;

  /** @param deadLetterQueue where messages go that were received too often; its sequences are later than all of ours */
  constructor(visibilityMs: number, maxReceiveCount: number, deadLetterQueue?: FifoQueue, firstSequence = 1) {
    this.#visibilityMs = visibilityMs;
    this.#maxReceiveCount = maxReceiveCount;
    this.#deadLetterQueue = deadLetterQueue;
    this.#firstSequence = firstSequence;
  }

  send(message: QueueMessage, now: number): void {
    const seenAt = this.#seen.get(message.deduplicationId);
    if (seenAt !== undefined && now - seenAt < dedupWindowMs) return;
    this.#seen.set(message.deduplicationId, now);
    const sequence = this.#firstSequence + this.accepted.length;
    const stored = {
      ...message,
      messageId: `m${sequence}`,
      sequence,
      receiveCount: 0,
      visibleAt: now,
      receiptHandle: '',
    };
    this.messages.push(stored);
    this.accepted.push(stored);
  }

  receive(now: number): StoredMessage[] {
    const locked = new Set(
      this.messages.filter(({ visibleAt }) => visibleAt > now).map(({ groupId }) => groupId),
    );
    const batch: StoredMessage[] = [];
    for (const message of [...this.messages]) {
      if (batch.length === batchSize) break;
      if (locked.has(message.groupId)) continue;
      if (message.receiveCount >= this.#maxReceiveCount) {
        this.#remove(message);
        this.deadLetters.push(message);
        this.#deadLetterQueue?.send({ ...message, deduplicationId: message.messageId }, now);
        continue;
      }
      this.#receives += 1;
      message.receiveCount += 1;
      message.visibleAt = now + this.#visibilityMs;
      message.receiptHandle = `r${this.#receives}`;
      batch.push({ ...message });
    }
    return batch;
  }

  /** When the next group is free, all of its messages being visible; undefined when the queue is empty. */
  nextFreeAt(): number | undefined {
    const groups = new Map<string, number>();
    for (const { groupId, visibleAt } of this.messages) {
      groups.set(groupId, Math.max(groups.get(groupId) ?? 0, visibleAt));
    }
    return groups.size === 0 ? undefined : Math.min(...groups.values());
  }

  delete(receiptHandle: string, now: number): void {
    const message = this.#inFlight(receiptHandle, now);
    if (message) this.#remove(message);
  }

  changeVisibility(receiptHandle: string, delayMs: number, now: number): void {
    const message = this.#inFlight(receiptHandle, now);
    if (message) message.visibleAt = now + delayMs;
  }

  /** A handle works until its message is visible again. */
  #inFlight(receiptHandle: string, now: number): StoredMessage | undefined {
    return this.messages.find(
      (message) => message.receiptHandle === receiptHandle && message.visibleAt > now,
    );
  }

  #remove(message: StoredMessage): void {
    this.messages.splice(this.messages.indexOf(message), 1);
  }
}
