// How an echo is shown; apart from reading it out of a webhook, so that the door carries none of the conversion.
import type { AgentContent } from '../../model/agent-content.ts';
import type { Phrases } from '../phrases.ts';
import { toAgentContent } from './from-meta.ts';

/** As a message of the customer would be shown, marked as what it is. */
export function toEchoContent(message: unknown, phrases: Phrases): AgentContent {
  const { echo, echoEdited: edited, echoDeleted: deleted } = phrases;
  const content = toAgentContent(message, { ...phrases, edited, deleted });
  if (content.kind === 'ignored') return content;
  const attributes = { ...content.attributes, waSentFromApp: 'true' };
  return { ...content, notes: [echo, ...(content.notes ?? [])], attributes };
}
