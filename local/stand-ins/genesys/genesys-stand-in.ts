// Genesys Cloud's Open Messaging API as the bridge sees it: token, limits, contract, then effect.
import { randomUUID } from 'node:crypto';
import type { Provider } from '../control-surface.ts';
import { type Answer, parseJsonBody, readQuery, type StandInRequest } from '../http-exchange.ts';
import { isObject } from '../json-shape.ts';
import type { StandInContext } from '../stand-ins.ts';
import { findContractBreach, findQueryBreach, type InboundCall } from './genesys-contract.ts';
import { GenesysConversations } from './genesys-conversations.ts';
import { failGenesys, failures, type GenesysFailure } from './genesys-errors.ts';
import { downloadsPath, GenesysFiles } from './genesys-files.ts';
import { type InboundRequest, inboundCalls } from './genesys-inbound.ts';
import { defaultSettings, readSettings } from './genesys-settings.ts';
import { GenesysTokens } from './genesys-tokens.ts';
import { sendReply } from './genesys-webhooks.ts';

const messagesPath = '/api/v2/conversations/messages';
const inboundPath = new RegExp(
  `^${messagesPath}/([^/]+)/inbound/open/(message|event|receipt|structured/response)$`,
);
const detailsPath = new RegExp(`^${messagesPath}/([^/]+)/details$`);
const conversationPath = new RegExp(`^${messagesPath}/([^/]+)$`);
const largestRequestBytes = 512_000;

type Api = (request: StandInRequest, contextId: string) => Answer;

/** Plays the tenant's Genesys organisation with one integration per number. */
export function createGenesysStandIn(context: StandInContext): Provider {
  const tokens = new GenesysTokens(context.numbers, context.timers);
  const conversations = new GenesysConversations();
  const files = new GenesysFiles(context.baseUrl);
  let settings = defaultSettings;

  const acceptInbound =
    (integrationId: string, call: InboundCall): Api =>
    (request, contextId) => {
      const body = readBody(request);
      const failure =
        body.failure ??
        findQueryBreach(call, request.query) ??
        findContractBreach(call, body.value) ??
        (context.numbers.some((number) => number.integrationId === integrationId)
          ? undefined
          : { ...failures.notFound, message: `The integration ${integrationId} was not found.` });
      if (failure) return failGenesys(failure, contextId);
      const wantsConversationId = readQuery(request, 'prefetchConversationId') === 'true';
      // The contract has just been checked.
      const checked = body.value as InboundRequest['body'];
      const inbound = { integrationId, body: checked, wantsConversationId, contextId };
      return inboundCalls[call](inbound, conversations, settings);
    };

  const tellDetails =
    (id: string): Api =>
    (_request, contextId) => {
      const message = conversations.find(id);
      if (!message) return failGenesys(failures.notFound, contextId);
      return { status: 200, body: { id, status: 'received', ...message } };
    };

  const endConversation =
    (conversationId: string): Api =>
    (request, contextId) => {
      const body = readBody(request);
      if (body.failure) return failGenesys(body.failure, contextId);
      if (!isObject(body.value) || body.value.state !== 'disconnected') {
        const message = 'Value is not valid for field type [state]. Allowable values are: disconnected';
        return failGenesys({ status: 400, code: 'invalid.value', message, field: 'state' }, contextId);
      }
      if (!conversations.end(conversationId)) return failGenesys(failures.notFound, contextId);
      return { status: 200, body: { id: conversationId, state: 'disconnected' } };
    };

  const routes: { method: string; path: RegExp; api: (...parts: string[]) => Api }[] = [
    {
      method: 'POST',
      path: inboundPath,
      api: (integrationId = '', call = '') => acceptInbound(integrationId, call as InboundCall),
    },
    {
      method: 'POST',
      path: new RegExp(`^${messagesPath}/inbound/open$`),
      api: () => (_request, contextId) => failGenesys(failures.retired, contextId),
    },
    { method: 'GET', path: detailsPath, api: (id = '') => tellDetails(id) },
    {
      method: 'GET',
      path: new RegExp(`^${downloadsPath}[^/]+$`),
      api: () => (request, contextId) =>
        files.read(request.path) ?? failGenesys(failures.notFound, contextId),
    },
    { method: 'PATCH', path: conversationPath, api: (id = '') => endConversation(id) },
  ];

  const callApi = (request: StandInRequest, contextId: string): Answer => {
    const candidates = routes.filter(({ path }) => path.test(request.path));
    if (candidates.length === 0) return failGenesys(failures.notFound, contextId);
    const route = candidates.find(({ method }) => method === request.method);
    if (!route) return failGenesys(failures.methodNotAllowed, contextId);
    return route.api(...(route.path.exec(request.path)?.slice(1) ?? []))(request, contextId);
  };

  const answer = (request: StandInRequest, contextId: string): Answer => {
    if (request.path === '/oauth/token') {
      if (request.method !== 'POST') return failGenesys(failures.methodNotAllowed, contextId);
      return tokens.issue(request, settings.tokenLifetimeSeconds);
    }
    if (files.isOpen(request.path)) return callApi(request, contextId);
    const admission = tokens.admit(request, settings);
    const given = admission.failure ? failGenesys(admission.failure, contextId) : callApi(request, contextId);
    return { ...given, headers: { ...admission.headers, ...given.headers } };
  };

  return {
    makeHeaders: () => ({ 'inin-correlation-id': randomUUID() }),
    handle: (request) => {
      const contextId = randomUUID();
      const given = answer(request, contextId);
      return { ...given, headers: { ...given.headers, 'inin-correlation-id': contextId } };
    },
    controls: {
      'POST /_reply': (request) => sendReply(parseJsonBody(request), context, conversations),
      'POST /_files': (request) => files.store(request),
      'PUT /_settings': (request) => {
        const order = readSettings(parseJsonBody(request));
        settings = order.settings;
        tokens.restartWindows();
        if (order.expireTokens) tokens.expireAll();
        return { status: 200, body: settings };
      },
    },
  };
}

function readBody(request: StandInRequest): { value?: unknown; failure?: GenesysFailure } {
  if (request.bytes.length > largestRequestBytes) return { failure: failures.tooLarge };
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { failure: failures.unsupportedMediaType };
  }
  try {
    return { value: JSON.parse(request.bytes.toString('utf8')) };
  } catch {
    return { failure: failures.notJson };
  }
}
