// Webhooks as Genesys Open Messaging sends them; each builder gives a valid whole.

type Json = Record<string, unknown>;

export const anIntegration = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10';

/** An agent's text; `over` replaces parts, and undefined takes them away. */
export function aReply(over: Json = {}): Json {
  const id = typeof over.id === 'string' ? over.id : 'd7d58935af65a45e5234ac77de017a0a';
  return {
    id,
    channel: aDeskChannel({ messageId: id }),
    type: 'Text',
    text: 'Hello Ana',
    originatingEntity: 'Human',
    direction: 'Outbound',
    conversationId: '5d0d331e-d2a8-4fb5-96f7-7021bef2a8ee',
    ...over,
  };
}

export function aDeskChannel(over: Json = {}): Json {
  return {
    id: anIntegration,
    platform: 'Open',
    type: 'Private',
    to: { id: '447700900001', idType: 'Phone' },
    from: { id: anIntegration, idType: 'Opaque', nickname: 'WhatsApp' },
    time: '2026-11-20T10:20:05.427Z',
    messageId: 'd7d58935af65a45e5234ac77de017a0a',
    ...over,
  };
}

/** An agent types. */
export function aTypingEvent(over: Json = {}): Json {
  const events = [{ eventType: 'Typing', typing: { type: 'On', duration: 5000 } }];
  return {
    id: 'e500000000000000000000000000000e',
    channel: aDeskChannel(),
    type: 'Event',
    direction: 'Outbound',
    events,
    ...over,
  };
}

/** Genesys' word on a message that we posted. */
export function aDeskReceipt(over: Json = {}): Json {
  return {
    id: '9f0c4b1be6a84d0c8f7f2d3f6f0a1b22',
    channel: aDeskChannel(),
    type: 'Receipt',
    status: 'Published',
    isFinalReceipt: true,
    direction: 'Inbound',
    ...over,
  };
}
