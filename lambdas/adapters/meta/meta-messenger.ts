// Sends to customers through Meta's Graph API, with the number's own token and to nobody but the Graph API.

import { isObject } from '../../core/convert/meta/json-values.ts';
import { readMark, toSendBody } from '../../core/convert/whatsapp/send-body.ts';
import { BridgeError } from '../../core/errors.ts';
import type { CustomerMessenger, SendAnswer } from '../../core/outbound-ports.ts';
import type { Clock, NumberSecrets } from '../../core/ports.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { exchange } from '../http/http-client.ts';
import type { GraphFailure } from './graph-failures.ts';
import { readBrokenSend, readGraphFailure } from './graph-failures.ts';

const graphUrl = 'https://graph.facebook.com';
const maxAnswerBytes = 256 * 1024;

export interface MetaMessengerOptions {
  secrets: Pick<NumberSecrets, 'get' | 'refreshIfStale'>;
  clock: Clock;
  /** Version of the Graph API, e.g. `v25.0`. */
  graphVersion: string;
  /** Base URL of the stand-in of a local run. */
  localUrl?: string | undefined;
}

/** Where sends of a number go. */
export function graphMessagesUrl(
  numberId: string,
  options: Pick<MetaMessengerOptions, 'graphVersion' | 'localUrl'>,
): string {
  return graphEdge(numberId, 'messages', options);
}

function graphEdge(
  numberId: string,
  edge: string,
  { graphVersion, localUrl }: Pick<MetaMessengerOptions, 'graphVersion' | 'localUrl'>,
): string {
  return `${localUrl ?? graphUrl}/${graphVersion}/${encodeURIComponent(numberId)}/${edge}`;
}

type Posted = { ok: true; text: string } | ({ ok: false } & GraphFailure);
/** Body and headers of a request; made anew for every POST, since a form can be sent once only. */
type Request = () => { body: string | FormData; headers?: Record<string, string> };

export function createMetaMessenger(options: MetaMessengerOptions): CustomerMessenger {
  const { secrets, clock } = options;

  const postOnce = async (
    numberId: string,
    edge: string,
    request: Request,
    deadlineAt: number,
  ): Promise<Posted> => {
    const { metaAccessToken } = await secrets.get(numberId);
    if (metaAccessToken === '') {
      const failure = new BridgeError('credential-rejected', 'the secret holds no metaAccessToken', {
        code: 'token-missing',
      });
      return { ok: false, failure, effect: 'none' };
    }
    const url = graphEdge(numberId, edge, options);
    const { body, headers = {} } = request();
    let answer: HttpAnswer;
    try {
      answer = await exchange(
        new URL(url),
        { method: 'POST', headers: { authorization: `Bearer ${metaAccessToken}`, ...headers }, body },
        { timeoutMs: deadlineAt - clock.now(), maxAnswerBytes },
      );
    } catch (error) {
      return { ok: false, ...readBrokenSend(error) };
    }
    if (answer.status >= 200 && answer.status <= 299) return { ok: true, text: answer.text };
    return { ok: false, ...readGraphFailure(answer) };
  };

  /** A refused token may have been replaced; what was sent with it was not looked at, so one more try repeats nothing. */
  const post = async (...request: Parameters<typeof postOnce>): Promise<Posted> => {
    try {
      const first = await postOnce(...request);
      const isRefused = !first.ok && first.failure.kind === 'credential-rejected';
      return isRefused && secrets.refreshIfStale() ? await postOnce(...request) : first;
    } catch (error) {
      if (error instanceof BridgeError) return { ok: false, failure: error, effect: 'none' };
      throw error;
    }
  };

  return {
    async send(numberId, target, message, tag, deadlineAt): Promise<SendAnswer> {
      const posted = await post(numberId, 'messages', json(toSendBody(target, message, tag)), deadlineAt);
      if (!posted.ok) return { sent: false, failure: posted.failure, effect: posted.effect };
      const wamid = readMessageId(posted.text);
      if (wamid !== undefined) return { sent: true, wamid };
      // Taken, it seems; a status will name the message by our tag.
      const failure = new BridgeError('delivery-unknown', 'WhatsApp took a message without naming it');
      return { sent: false, failure, effect: 'unknown' };
    },

    async upload(numberId, { mime, filename, bytes }, deadlineAt) {
      const form = (): { body: FormData } => {
        const body = new FormData();
        body.set('messaging_product', 'whatsapp');
        body.set('type', mime);
        body.set('file', new Blob([bytes], { type: mime }), filename);
        return { body };
      };
      const posted = await post(numberId, 'media', form, deadlineAt);
      if (!posted.ok) return { failure: posted.failure };
      const mediaId = readText(parse(posted.text)?.id);
      if (mediaId !== undefined) return { mediaId };
      return { failure: new BridgeError('provider-unavailable', 'WhatsApp took a file without naming it') };
    },

    async markRead(numberId, wamid, { typing }, deadlineAt) {
      const posted = await post(numberId, 'messages', json(readMark(wamid, typing)), deadlineAt);
      return posted.ok ? { done: true } : { failure: posted.failure };
    },
  };
}

function json(body: object): Request {
  return () => ({ body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

function readMessageId(text: string): string | undefined {
  const messages = parse(text)?.messages;
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  return isObject(first) ? readText(first.id) : undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
