// What fauxqs' FIFO queues do differently from SQS, repaired on their prototype:
// - a receive takes several messages of one group, in order, and what comes back from flight goes to its old place;
// - a long poll is woken only when something can be received, and one that was aborted takes nothing;
// - characters beyond the basic plane (emoji) are accepted.

import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

interface QueuedMessage {
  messageId: string;
  body: string;
  md5OfBody: string;
  messageAttributes: Record<string, unknown>;
  md5OfMessageAttributes: string;
  approximateReceiveCount: number;
  approximateFirstReceiveTimestamp?: number;
  messageGroupId?: string;
  sequenceNumber?: string;
}

interface ReceivedMessage {
  MessageId: string;
  ReceiptHandle: string;
  MD5OfBody: string;
  Body: string;
  MD5OfMessageAttributes?: string;
  MessageAttributes?: Record<string, unknown>;
}

interface InflightMessage {
  message: QueuedMessage;
  receiptHandle: string;
  /** Epoch milliseconds. */
  visibilityDeadline: number;
}

interface PollWaiter {
  resolve: () => void;
  timer: NodeJS.Timeout;
}

/** The parts of fauxqs' `SqsQueue` that the repair reads and replaces. */
export interface QueueInternals {
  attributes: Record<string, string>;
  messages: QueuedMessage[];
  inflightMessages: Map<string, InflightMessage>;
  pollWaiters: PollWaiter[];
  fifoMessages: Map<string, QueuedMessage[]>;
  /** Group → number of its messages in flight. */
  fifoLockedGroups: Map<string, number>;
  isFifo(): boolean;
  enqueue(message: QueuedMessage): void;
  dequeue(maxCount: number, visibilitySeconds?: number, findQueue?: FindQueue): ReceivedMessage[];
  dequeueFifo(maxCount: number, visibilitySeconds?: number, findQueue?: FindQueue): ReceivedMessage[];
  changeVisibility(receiptHandle: string, timeoutSeconds: number): void;
  processTimers(): void;
  waitForMessages(waitSeconds: number): Promise<void>;
  hasAvailableFifoMessages(): boolean;
  notifyWaiters(): void;
  startPollTimerIfNeeded(): void;
  stopPollTimerIfEmpty(): void;
}

type FindQueue = (arn: string) => QueueInternals | undefined;

/** The group fauxqs gives a message without one. */
const DEFAULT_GROUP = '__default';
const MAX_RECEIVED = 10;
const REFUSED_CHARACTER = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Replaces methods for all queues of the process; `findResponse` gives the answer under way, whose end aborts a poll. */
export function repairQueues(
  queues: QueueInternals,
  refusedCharacter: RegExp,
  findResponse: () => ServerResponse | undefined,
): void {
  const original = {
    dequeue: queues.dequeue,
    processTimers: queues.processTimers,
    changeVisibility: queues.changeVisibility,
  };
  const receiving = new WeakSet<QueueInternals>();
  refusedCharacter.test = (body) => REFUSED_CHARACTER.test(body);

  queues.dequeueFifo = receiveFifo;

  // A receive looks at the timers first: what it is about to take must not wake another poll for nothing.
  queues.notifyWaiters = function notifyWaiters(this: QueueInternals) {
    if (!receiving.has(this)) wakeOneWaiter(this);
  };

  queues.dequeue = function dequeue(this: QueueInternals, ...args) {
    receiving.add(this);
    try {
      return original.dequeue.apply(this, args);
    } finally {
      receiving.delete(this);
      this.notifyWaiters();
    }
  };

  queues.processTimers = function processTimers(this: QueueInternals) {
    if (this.isFifo()) returnExpired(this);
    original.processTimers.call(this);
  };

  queues.changeVisibility = function changeVisibility(this: QueueInternals, receiptHandle, timeoutSeconds) {
    const entry = this.inflightMessages.get(receiptHandle);
    if (!entry || timeoutSeconds > 0 || !this.isFifo()) {
      original.changeVisibility.call(this, receiptHandle, timeoutSeconds);
      return;
    }
    returnToGroup(this, entry);
    this.notifyWaiters();
  };

  queues.waitForMessages = function waitForMessages(this: QueueInternals, waitSeconds) {
    return waitUnlessAborted(this, waitSeconds, findResponse());
  };
}

function receiveFifo(
  this: QueueInternals,
  maxCount: number,
  visibilitySeconds = Number(this.attributes.VisibilityTimeout),
  findQueue?: FindQueue,
): ReceivedMessage[] {
  this.processTimers();
  const limit = Math.min(maxCount, MAX_RECEIVED);
  const received: ReceivedMessage[] = [];
  for (const [groupId, group] of this.fifoMessages) {
    if (received.length >= limit) break;
    if (this.fifoLockedGroups.has(groupId)) continue;
    let inFlight = 0;
    while (received.length < limit) {
      const message = group.shift();
      if (!message) break;
      if (moveToDeadLetters(this, countReceive(message), findQueue)) continue;
      received.push(holdInFlight(this, message, visibilitySeconds));
      inFlight += 1;
    }
    if (inFlight > 0) this.fifoLockedGroups.set(groupId, inFlight);
    if (group.length === 0) this.fifoMessages.delete(groupId);
  }
  return received;
}

function countReceive(message: QueuedMessage): QueuedMessage {
  message.approximateReceiveCount += 1;
  message.approximateFirstReceiveTimestamp ??= Date.now();
  return message;
}

/** True when the message has been received too often and is in its dead-letter queue now. */
function moveToDeadLetters(queue: QueueInternals, message: QueuedMessage, findQueue?: FindQueue): boolean {
  if (!queue.attributes.RedrivePolicy) return false;
  const policy = JSON.parse(queue.attributes.RedrivePolicy);
  if (message.approximateReceiveCount <= Number(policy.maxReceiveCount)) return false;
  const deadLetters = findQueue?.(policy.deadLetterTargetArn);
  deadLetters?.enqueue(message);
  return deadLetters !== undefined;
}

function holdInFlight(
  queue: QueueInternals,
  message: QueuedMessage,
  visibilitySeconds: number,
): ReceivedMessage {
  const receiptHandle = randomUUID();
  const visibilityDeadline = Date.now() + visibilitySeconds * 1000;
  queue.inflightMessages.set(receiptHandle, { message, receiptHandle, visibilityDeadline });
  const hasAttributes = Object.keys(message.messageAttributes).length > 0;
  return {
    MessageId: message.messageId,
    ReceiptHandle: receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
    ...(message.md5OfMessageAttributes && { MD5OfMessageAttributes: message.md5OfMessageAttributes }),
    ...(hasAttributes && { MessageAttributes: message.messageAttributes }),
  };
}

function returnExpired(queue: QueueInternals): void {
  const now = Date.now();
  for (const entry of queue.inflightMessages.values()) {
    if (entry.visibilityDeadline <= now) returnToGroup(queue, entry);
  }
}

/** Puts a message back where its sequence number belongs; its group opens with the last one that comes back. */
function returnToGroup(queue: QueueInternals, { message, receiptHandle }: InflightMessage): void {
  queue.inflightMessages.delete(receiptHandle);
  const groupId = message.messageGroupId ?? DEFAULT_GROUP;
  const inFlight = (queue.fifoLockedGroups.get(groupId) ?? 1) - 1;
  if (inFlight > 0) queue.fifoLockedGroups.set(groupId, inFlight);
  else queue.fifoLockedGroups.delete(groupId);
  const group = queue.fifoMessages.get(groupId) ?? [];
  const sequence = message.sequenceNumber ?? '';
  const place = group.findIndex((other) => (other.sequenceNumber ?? '') > sequence);
  group.splice(place < 0 ? group.length : place, 0, message);
  queue.fifoMessages.set(groupId, group);
}

/** A woken poll takes all it can, so that waking the others too would only send them home empty. */
function wakeOneWaiter(queue: QueueInternals): void {
  const canReceive = queue.isFifo() ? queue.hasAvailableFifoMessages() : queue.messages.length > 0;
  const waiter = canReceive ? queue.pollWaiters.shift() : undefined;
  if (!waiter) return;
  clearTimeout(waiter.timer);
  waiter.resolve();
  queue.stopPollTimerIfEmpty();
}

/** Resolves when a receive is worth trying or the time is over; never when the client has gone. */
function waitUnlessAborted(
  queue: QueueInternals,
  waitSeconds: number,
  response?: ServerResponse,
): Promise<void> {
  return new Promise((resolve) => {
    if (response?.destroyed) return;
    const waiter = { resolve, timer: setTimeout(giveUp, waitSeconds * 1000) };
    function leave(): void {
      clearTimeout(waiter.timer);
      queue.pollWaiters = queue.pollWaiters.filter((other) => other !== waiter);
      queue.stopPollTimerIfEmpty();
    }
    function giveUp(): void {
      leave();
      resolve();
    }
    queue.pollWaiters.push(waiter);
    queue.startPollTimerIfNeeded();
    response?.once('close', leave);
  });
}
