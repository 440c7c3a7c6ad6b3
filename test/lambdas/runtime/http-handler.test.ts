import './middy-in-jest.ts';

import type { HttpAnswer, HttpRequest } from '../../../lambdas/runtime/http-handler.ts';
import { createHttpHandler } from '../../../lambdas/runtime/http-handler.ts';
import { aLambdaContext, anHttpEvent } from '../../builders.ts';
import { RecordingFlushedTelemetry } from './flushed-telemetry.ts';

let telemetry: RecordingFlushedTelemetry;
beforeEach(() => {
  telemetry = new RecordingFlushedTelemetry();
});

async function handle(
  event: ReturnType<typeof anHttpEvent>,
  answer: (request: HttpRequest) => Promise<HttpAnswer> = async () => ({ status: 200 }),
) {
  const requests: HttpRequest[] = [];
  const recording = (request: HttpRequest) => {
    requests.push(request);
    return answer(request);
  };
  const response = await createHttpHandler(recording, telemetry)(event, aLambdaContext());
  return { request: requests[0], response };
}

describe('a request', () => {
  it.each([
    ['base64, bytes that are no text', Buffer.from([0, 255, 254, 13, 10]), 'base64'],
    ['base64, empty', Buffer.from([]), 'base64'],
    ['UTF-8', Buffer.from('{"text":"naïve 🎉 \\u00e9"}'), 'utf8'],
  ] as const)('carries the exact bytes that were sent (%s)', async (_name, bytes, encoding) => {
    const { request } = await handle(
      anHttpEvent({ body: bytes.toString(encoding), isBase64Encoded: encoding === 'base64' }),
    );

    expect(request?.bytes.equals(bytes)).toBe(true);
  });

  it('without a body has no bytes', async () => {
    const { request } = await handle(anHttpEvent({ method: 'GET' }));

    expect(request?.bytes).toHaveLength(0);
  });

  it('carries method, headers, query and the id of the request', async () => {
    const { request } = await handle(
      anHttpEvent({
        method: 'GET',
        headers: { 'x-hub-signature-256': 'sha256=a' },
        queryStringParameters: { 'hub.mode': 'subscribe' },
      }),
    );

    expect(request).toMatchObject({
      method: 'GET',
      headers: { 'x-hub-signature-256': 'sha256=a' },
      query: { 'hub.mode': 'subscribe' },
      correlationId: 'request-1',
    });
  });

  it('carries the parts of its route, or none', async () => {
    const { request } = await handle(anHttpEvent({ method: 'GET', pathParameters: { token: 'a.b' } }));

    expect(request?.pathParameters).toEqual({ token: 'a.b' });
    expect((await handle(anHttpEvent())).request?.pathParameters).toEqual({});
  });

  it('without a query has an empty one', async () => {
    expect((await handle(anHttpEvent())).request?.query).toEqual({});
  });
});

describe('an answer', () => {
  it('has an empty body and no headers unless they are given', async () => {
    const { response } = await handle(anHttpEvent(), async () => ({ status: 401 }));

    expect(response).toEqual({ statusCode: 401, body: '' });
  });

  it('is passed on as it is', async () => {
    const headers = { 'content-type': 'text/plain' };

    const { response } = await handle(anHttpEvent(), async () => ({ status: 200, headers, body: '1158' }));

    expect(response).toEqual({ statusCode: 200, headers, body: '1158' });
  });

  it('is sent after the counters were flushed', async () => {
    await handle(anHttpEvent());

    expect(telemetry.flushes).toBe(1);
    expect(telemetry.problems).toEqual([]);
  });
});

describe('an unforeseen error', () => {
  it.each([
    ['a bug', new TypeError('words that say too much')],
    ['a thrown text', 'words that say too much'],
  ])('(%s) is a bare 500, logged and flushed', async (_name, error) => {
    const { response } = await handle(anHttpEvent(), () => Promise.reject(error));

    expect(response).toEqual({ statusCode: 500, body: '' });
    expect(telemetry.problems).toEqual([{ name: 'request.failed', error: expect.anything() }]);
    expect(telemetry.flushes).toBe(1);
  });

  it('does not stay with the next request', async () => {
    let failures = 1;
    const handler = createHttpHandler(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('once');
      return { status: 200 };
    }, telemetry);

    expect(await handler(anHttpEvent(), aLambdaContext())).toMatchObject({ statusCode: 500 });
    expect(await handler(anHttpEvent(), aLambdaContext())).toMatchObject({ statusCode: 200 });
  });
});
