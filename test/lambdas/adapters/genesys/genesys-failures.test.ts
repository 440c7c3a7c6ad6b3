import { readBrokenExchange, readFailure } from '../../../../lambdas/adapters/genesys/genesys-failures.ts';
import { HttpFailure } from '../../../../lambdas/adapters/http/http-client.ts';

const now = Date.UTC(2026, 10, 20, 12);
const read = (status: number, text = '', headers: Record<string, string> = {}) =>
  readFailure({ status, text, headers: new Headers(headers) }, now);

describe('an answer that is not 2xx', () => {
  it.each([
    [400, 'provider-rejected', 'none'],
    [401, 'credential-rejected', 'none'],
    [403, 'credential-rejected', 'none'],
    [404, 'integration-missing', 'none'],
    [408, 'delivery-unknown', 'unknown'],
    [409, 'delivery-unknown', 'unknown'],
    [410, 'integration-missing', 'none'],
    [413, 'provider-rejected', 'none'],
    [415, 'provider-rejected', 'none'],
    [429, 'throttled', 'none'],
    [500, 'delivery-unknown', 'unknown'],
    [502, 'delivery-unknown', 'unknown'],
    [503, 'delivery-unknown', 'unknown'],
    [504, 'delivery-unknown', 'unknown'],
    [599, 'delivery-unknown', 'unknown'],
    [402, 'provider-rejected', 'none'],
    [422, 'provider-rejected', 'none'],
    [499, 'provider-rejected', 'none'],
    [300, 'integration-missing', 'none'],
    [302, 'integration-missing', 'none'],
    [304, 'integration-missing', 'none'],
  ])('of status %i means %s, effect %s', (status, kind, effect) => {
    const answer = read(status);

    expect(answer.failure).toMatchObject({ kind, details: { status } });
    expect(answer.failure.message).toContain(String(status));
    expect(answer.effect).toBe(effect);
  });

  it('names the code of Genesys and the id its support asks for', () => {
    const { failure } = read(400, '{"code":"bad.request","message":"text of the customer"}', {
      'inin-correlation-id': 'corr-9',
    });

    expect(failure.details).toEqual({ status: 400, code: 'bad.request', providerCorrelationId: 'corr-9' });
    expect(failure.message).toBe('Genesys answered 400 bad.request');
  });

  it.each([
    ['no body', ''],
    ['HTML', '<html>oops</html>'],
    ['null', 'null'],
    ['a list', '["bad.request"]'],
    ['a text', '"bad.request"'],
    ['no code', '{"message":"bad.request"}'],
    ['a code that is no text', '{"code":400}'],
    ['an empty code', '{"code":""}'],
    ['a code with words of the customer', '{"code":"Value [my text] is not valid"}'],
    ['a code of several lines', '{"code":"bad.request\\n{}"}'],
    ['a code without end', JSON.stringify({ code: 'x'.repeat(81) })],
  ])('carries no code when the body is %s', (_name, text) => {
    const { failure } = read(400, text);

    expect(failure.details).toEqual({ status: 400 });
    expect(failure.message).toBe('Genesys answered 400');
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['12', 12_000],
    ['Fri, 20 Nov 2026 12:01:30 GMT', 90_000],
    ['Friday, 20-Nov-26 12:01:30 GMT', 90_000],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
  ])('%s means a wait of %i ms', (value, expected) => {
    expect(read(429, '', { 'retry-after': value }).failure.details.retryAfterMs).toBe(expected);
  });

  it.each(['', 'soon', '-5', '1.5', '0x10', '1e3', '12 s', 'Infinity', '9'.repeat(400)])(
    '%j is no wait that could be kept',
    (value) => {
      expect(read(429, '', { 'retry-after': value }).failure.details).toEqual({ status: 429 });
    },
  );

  it('is kept for other answers too', () => {
    expect(read(503, '', { 'retry-after': '7' }).failure.details.retryAfterMs).toBe(7000);
  });
});

describe('a broken exchange', () => {
  it('that never left is worth another try', () => {
    const error = new HttpFailure('refused', 'no', undefined);

    expect(readBrokenExchange(error)).toMatchObject({
      failure: { kind: 'provider-unavailable', message: 'refused', cause: error },
      effect: 'none',
    });
  });

  it('that may have arrived is unknown', () => {
    expect(readBrokenExchange(new HttpFailure('reset', 'unknown', undefined))).toMatchObject({
      failure: { kind: 'delivery-unknown' },
      effect: 'unknown',
    });
  });

  it('of any other kind is a bug and thrown on', () => {
    const bug = new TypeError('a bug');

    expect(() => readBrokenExchange(bug)).toThrow(bug);
  });
});
