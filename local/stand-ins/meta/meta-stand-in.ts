// Meta's Graph API as the bridge sees it: version, token, then the call.
import type { Provider } from '../control-surface.ts';
import { type Answer, parseJsonBody, type StandInRequest } from '../http-exchange.ts';
import { expectFlag, expectObject, requireShape } from '../json-shape.ts';
import type { KnownNumber, StandInContext } from '../stand-ins.ts';
import { sendCustomerMessage, takeCustomerMedia } from './meta-customers.ts';
import { describeMissingObject, describeUnknownPath, failGraph, invalidToken } from './meta-errors.ts';
import { downloadPath, MetaMedia } from './meta-media.ts';
import { acceptSend } from './meta-sends.ts';
import { MetaStatuses } from './meta-statuses.ts';
import { acceptUpload } from './meta-uploads.ts';

const oldestVersion = 21;
const newestVersion = 26;

/** Plays the Meta app that holds the tenant's numbers, and the customers who write to them. */
export function createMetaStandIn(context: StandInContext): Provider {
  const media = new MetaMedia(context.timers, context.baseUrl);
  const statuses = new MetaStatuses(context);
  let isAuto = true;

  const callNumber = (
    number: KnownNumber,
    edge: string,
    request: StandInRequest,
  ): Answer | Promise<Answer> => {
    if (request.method === 'POST' && edge === 'media') return acceptUpload(request, number, media);
    if (request.method === 'POST' && edge === 'messages') {
      return acceptSend(request, number, media, statuses, isAuto);
    }
    return failGraph(describeUnknownPath(request.path));
  };

  const callMedia = (id: string, request: StandInRequest): Answer => {
    if (request.method === 'GET') return media.describe(id, request);
    if (request.method === 'DELETE') return media.remove(id, request);
    return failGraph(describeMissingObject(id));
  };

  const handle = (request: StandInRequest): Answer | Promise<Answer> => {
    const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const numbers = context.numbers.filter(({ secrets }) => secrets.metaAccessToken === token);
    if (request.path === downloadPath) {
      return numbers.length > 0 ? media.download(request) : failGraph(invalidToken);
    }
    const parts = readGraphPath(request.path);
    if (!parts) return failGraph(describeUnknownPath(request.path));
    if (numbers.length === 0) {
      return { ...failGraph(invalidToken), headers: { 'www-authenticate': 'OAuth "Facebook Platform"' } };
    }
    const { id, edge } = parts;
    if (edge === undefined) return callMedia(id, request);
    const number = numbers.find(({ phoneNumberId }) => phoneNumberId === id);
    return number ? callNumber(number, edge, request) : failGraph(describeMissingObject(id));
  };

  return {
    makeHeaders: () => ({}),
    handle,
    controls: {
      'POST /_send': (request) => sendCustomerMessage(parseJsonBody(request), context),
      'POST /_media': (request) => takeCustomerMedia(request, media),
      'POST /_status': (request) => statuses.order(parseJsonBody(request)),
      'PUT /_settings': (request) => {
        const settings = parseJsonBody(request);
        requireShape(settings, expectObject({}, { auto: expectFlag() }), 'settings');
        isAuto = (settings as { auto?: boolean }).auto ?? true;
        return { status: 200, body: { auto: isAuto } };
      },
    },
  };
}

/** Object id and edge of a path; the version may be left out, as on the Graph API, but must not be over. */
function readGraphPath(path: string): { id: string; edge: string | undefined } | undefined {
  const match = /^(?:\/v(\d+)\.0)?\/(\d+)(?:\/(messages|media))?$/.exec(path);
  if (!match?.[2]) return undefined;
  const version = Number(match[1] ?? oldestVersion);
  if (version < oldestVersion || version > newestVersion) return undefined;
  return { id: match[2], edge: match[3] };
}
