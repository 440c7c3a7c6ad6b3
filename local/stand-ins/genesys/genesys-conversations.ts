// The threads and messages that the Genesys stand-in remembers.
import { randomBytes, randomUUID } from 'node:crypto';
import { BoundedMap } from '../bounded-map.ts';
import type { JsonObject } from '../json-shape.ts';

/** A message as `GET …/messages/{id}/details` tells it. */
export interface StoredMessage {
  conversationId: string;
  providerMessageId: string;
  normalizedMessage: JsonObject;
}

export class GenesysConversations {
  readonly #threads = new BoundedMap<string>();
  readonly #threadKeys = new BoundedMap<string>();
  readonly #latestIntegrations = new BoundedMap<string>();
  readonly #messages = new BoundedMap<StoredMessage>();
  readonly #firstAnswers = new BoundedMap<JsonObject>();
  readonly #outboundIds = new BoundedMap<string>();

  /** The conversation of this customer on this integration, begun if there is none. */
  open(integrationId: string, customerId: string): string {
    const key = JSON.stringify([integrationId, customerId]);
    const conversationId = this.#threads.get(key) ?? randomUUID();
    this.#threads.set(key, conversationId);
    this.#threadKeys.set(conversationId, key);
    this.#latestIntegrations.set(customerId, integrationId);
    return conversationId;
  }

  /** False when there is no such conversation; the customer's next message begins a new one. */
  end(conversationId: string): boolean {
    const key = this.#threadKeys.get(conversationId);
    if (key === undefined) return false;
    this.#threadKeys.delete(conversationId);
    return this.#threads.delete(key);
  }

  /** The integration on which this customer last talked. */
  findIntegration(customerId: string): string | undefined {
    return this.#latestIntegrations.get(customerId);
  }

  store(id: string, message: StoredMessage): void {
    this.#messages.set(id, message);
  }

  find(id: string): StoredMessage | undefined {
    return this.#messages.get(id);
  }

  /** The answer to the first message with this provider id on this integration. */
  findFirstAnswer(integrationId: string, providerMessageId: string): JsonObject | undefined {
    return this.#firstAnswers.get(JSON.stringify([integrationId, providerMessageId]));
  }

  storeFirstAnswer(integrationId: string, providerMessageId: string, answer: JsonObject): void {
    const key = JSON.stringify([integrationId, providerMessageId]);
    if (!this.#firstAnswers.get(key)) this.#firstAnswers.set(key, answer);
  }

  storeOutbound(integrationId: string, id: string): void {
    this.#outboundIds.set(id, integrationId);
  }

  hasOutbound(integrationId: string, id: string): boolean {
    return this.#outboundIds.get(id) === integrationId;
  }

  /** Whether the id is surely not one of a message to a customer of this integration: an inbound one, or of another integration. */
  isForeign(integrationId: string, id: string): boolean {
    if (this.find(id) !== undefined || this.findFirstAnswer(integrationId, id) !== undefined) return true;
    return (this.#outboundIds.get(id) ?? integrationId) !== integrationId;
  }
}

/** 32 hex digits, as Genesys message ids are. */
export function makeMessageId(): string {
  return randomBytes(16).toString('hex');
}
