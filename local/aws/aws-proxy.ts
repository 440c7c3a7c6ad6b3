// The path of every call: 1 refuse what is not local or not signed, 2 read it, 3 record it, 4 refuse services the
// template does not use, 5 ask the permission hook, 6 meet a fault, 7 hand it to whoever serves it.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArrivedRequest, readBody } from './arrived-request.ts';
import { describeCall } from './call-description.ts';
import type { CallLog } from './call-log.ts';
import { answerError } from './error-answer.ts';
import type { FaultRules } from './fault-rules.ts';
import type { AwsCall, AwsService, CallHook } from './local-aws.ts';
import { isRunner, readCaller, type SignedCaller } from './signed-caller.ts';

/** Whoever serves the calls behind the proxy. */
export interface ServiceBackend {
  /** Answers the call; `service` is one of those the template uses. */
  serve(service: AwsService, request: ArrivedRequest, response: ServerResponse): void;
  close(): Promise<void>;
}

export interface ProxyParts {
  services: ReadonlySet<AwsService>;
  backend: ServiceBackend;
  calls: CallLog;
  faults: FaultRules;
  askHook: () => CallHook | undefined;
}

/** The largest object part anybody has a reason to send in a local run. */
const BODY_LIMIT_BYTES = 128 * 2 ** 20;
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

export function createRequestListener(parts: ProxyParts): RequestListener {
  return (wire, response) => {
    handleRequest(parts, wire, response).catch((error: unknown) => {
      const message = `the local AWS failed: ${error instanceof Error ? error.message : String(error)}`;
      if (response.headersSent) response.destroy();
      else
        answerError(
          response,
          { method: wire.method ?? '', wire },
          { service: '', name: 'InternalFailure', message },
        );
    });
  };
}

async function handleRequest(
  parts: ProxyParts,
  wire: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = Date.now();
  const head = readHead(wire);
  const caller = readCaller(wire, head.query);
  const refusal = refuseStranger(wire, caller);
  if (refusal || !caller) {
    wire.resume();
    answerError(response, { ...head, wire }, refusal ?? UNSIGNED);
    return;
  }
  const body = await readBody(wire, BODY_LIMIT_BYTES);
  if (body === 'aborted') return;
  if (body === 'too-large') {
    const message = `the body is over ${BODY_LIMIT_BYTES} bytes`;
    response.setHeader('connection', 'close');
    answerError(
      response,
      { ...head, wire },
      { service: caller.service, name: 'EntityTooLarge', message, status: 413 },
    );
    return;
  }
  const request: ArrivedRequest = { ...head, wire, body };
  const { service } = caller;
  const call = { at, function: caller.name, service, ...describeCall(service, request) };
  const recorded = isRunner(caller) ? undefined : parts.calls.add(call);
  if (!isServed(parts.services, service)) {
    answerError(response, request, {
      service,
      name: 'UnrecognizedClientException',
      message: `the local AWS does not serve "${service}": the template uses ${[...parts.services].join(', ')} only`,
    });
    return;
  }
  if (recorded && (await meetTrouble(parts, recorded, request, response))) return;
  parts.backend.serve(service, request, response);
}

/** True when the call has been answered by the permission hook or a fault and must not be served any more. */
async function meetTrouble(
  parts: ProxyParts,
  call: AwsCall,
  request: ArrivedRequest,
  response: ServerResponse,
): Promise<boolean> {
  const { service } = call;
  const verdict = (await parts.askHook()?.(call, request.body)) ?? 'allow';
  if (verdict !== 'allow') {
    answerError(response, request, { service, name: verdict.error, message: verdict.message });
    return true;
  }
  const fault = parts.faults.take(call);
  // Unreferenced: a pending delay must not keep a stopped process alive.
  if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
  if (fault?.action === 'applied-then-reset') resetInsteadOfAnswer(response);
  else if (fault?.action) {
    answerError(response, request, {
      service,
      name: fault.action.error,
      message: 'fault put by the local run',
    });
    return true;
  }
  // AWS carries out what has arrived even when its caller is gone; only receiving would take messages from nobody.
  return response.destroyed && call.operation === 'ReceiveMessage';
}

/** The call is carried out, but its caller only sees the connection break. */
function resetInsteadOfAnswer(response: ServerResponse): void {
  const destroy = () => {
    response.destroy();
    return response;
  };
  Object.assign(response, { write: () => true, end: destroy, flushHeaders: () => undefined });
}

const UNSIGNED = {
  service: '',
  name: 'MissingAuthenticationTokenException',
  message: 'the request is not signed; sign it with any key, Signature Version 4',
  status: 403,
};

function refuseStranger(
  wire: IncomingMessage,
  caller: SignedCaller | undefined,
): typeof UNSIGNED | undefined {
  const host = wire.headers.host ?? '';
  const service = caller?.service ?? '';
  if (LOOPBACK_HOST.test(host)) return undefined;
  const message = `host "${host}" is not this machine: use 127.0.0.1`;
  return { service, name: 'AccessDeniedException', message, status: 403 };
}

function readHead(wire: IncomingMessage): Omit<ArrivedRequest, 'wire' | 'body'> {
  const target = wire.url ?? '/';
  const [path = '/', ...query] = target.split('?');
  return { method: wire.method ?? 'GET', target, path, query: new URLSearchParams(query.join('?')) };
}

function isServed(services: ReadonlySet<string>, service: string): service is AwsService {
  return services.has(service);
}
