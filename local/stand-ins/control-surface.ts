// What every stand-in offers a test beside the provider's API: request log, faults, and the provider's own controls.
import type { ServerResponse } from 'node:http';
import { type Fault, FaultRules } from './fault-rules.ts';
import {
  type Answer,
  describeBody,
  describeBytes,
  parseJsonBody,
  RefusedError,
  readQuery,
  type StandInRequest,
  sendAnswer,
} from './http-exchange.ts';
import { RequestLog } from './request-log.ts';
import type { Timers } from './timers.ts';

type Handle = (request: StandInRequest) => Answer | Promise<Answer>;

/** One provider behind a control surface. */
export interface Provider {
  /** Headers that every answer of the provider carries, faulted ones too. */
  makeHeaders(): Record<string, string>;
  /** The provider's API. */
  handle: Handle;
  /** Control calls of this provider alone, keyed `POST /_send`; may throw `RefusedError`. */
  controls: Record<string, Handle>;
}

/** Serves one provider: `/_…` are control calls, everything else is its API, logged and open to faults. */
export class ControlSurface {
  readonly #provider: Provider;
  readonly #timers: Timers;
  readonly #log = new RequestLog();
  readonly #faults = new FaultRules();
  readonly #controls: Record<string, Handle>;

  constructor(provider: Provider, timers: Timers) {
    this.#provider = provider;
    this.#timers = timers;
    this.#controls = {
      'GET /_requests': (request) => ({ status: 200, body: this.#log.list(readSince(request)) }),
      'DELETE /_requests': () => {
        this.#log.clear();
        return { status: 200, body: {} };
      },
      'PUT /_faults': (request) => ({
        status: 200,
        body: { rules: this.#faults.replace(parseJsonBody(request)) },
      }),
      'DELETE /_faults': () => {
        this.#faults.clear();
        return { status: 200, body: {} };
      },
      ...provider.controls,
    };
  }

  async serve(request: StandInRequest, outgoing: ServerResponse): Promise<void> {
    if (request.path.startsWith('/_')) sendAnswer(outgoing, await this.#control(request));
    else await this.#serveProvider(request, outgoing);
  }

  async #control(request: StandInRequest): Promise<Answer> {
    try {
      // A web page that a developer has open must not be able to steer the stand-ins.
      if (request.headers.origin !== undefined)
        throw new RefusedError(403, 'control calls with an Origin are refused');
      if (!isLoopback(request.headers.host ?? '')) {
        throw new RefusedError(403, 'control calls are answered on a loopback host only');
      }
      const handle = this.#controls[`${request.method} ${request.path}`];
      if (handle) return await handle(request);
      const known = Object.keys(this.#controls);
      const isKnownPath = known.some((control) => control.endsWith(` ${request.path}`));
      throw new RefusedError(isKnownPath ? 405 : 404, `control calls here are: ${known.join(', ')}`);
    } catch (error) {
      if (error instanceof RefusedError) return { status: error.status, body: { message: error.message } };
      throw error;
    }
  }

  async #serveProvider(request: StandInRequest, outgoing: ServerResponse): Promise<void> {
    const body = describeBytes(request.bytes, request.headers['content-type']);
    const fault = this.#faults.take(request, body);
    if (fault && fault.delayMs > 0) await this.#timers.wait(fault.delayMs);
    const answer = await this.#decide(request, fault);
    const isAnswered = fault?.action === undefined || typeof fault.action === 'object';
    this.#log.add(
      {
        at: request.receivedAtMs,
        method: request.method,
        path: request.path,
        query: request.query,
        headers: request.headers,
        body,
        status: isAnswered && answer ? answer.status : null,
        response: isAnswered && answer ? describeBody(answer) : null,
        ...(fault && { applied: isApplied(fault, answer) }),
      },
      request.bytes.length + (Buffer.isBuffer(answer?.body) ? answer.body.length : 0),
    );
    if (isAnswered && answer) sendAnswer(outgoing, answer);
    else if (fault?.action !== 'hang') outgoing.socket?.resetAndDestroy();
  }

  async #decide(request: StandInRequest, fault: Fault | undefined): Promise<Answer | undefined> {
    if (fault?.action === 'reset' || fault?.action === 'hang') return undefined;
    const answer = typeof fault?.action === 'object' ? fault.action : await this.#provider.handle(request);
    return { ...answer, headers: { ...this.#provider.makeHeaders(), ...answer.headers } };
  }
}

function isApplied(fault: Fault, answer: Answer | undefined): boolean {
  return typeof fault.action !== 'object' && answer !== undefined && answer.status < 400;
}

function readSince(request: StandInRequest): number {
  const since = Number(readQuery(request, 'since') ?? 0);
  if (!Number.isInteger(since) || since < 0) throw new RefusedError(400, 'since must be a whole number');
  return since;
}

function isLoopback(host: string): boolean {
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d+)?$/i.test(host);
}
