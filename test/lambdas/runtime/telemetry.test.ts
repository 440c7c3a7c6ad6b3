import { BridgeError } from '../../../lambdas/core/errors.ts';
import { metricNamespace } from '../../../lambdas/runtime/env.ts';
import { redactedKeys } from '../../../lambdas/runtime/redaction.ts';
import { createTelemetry } from '../../../lambdas/runtime/telemetry.ts';

const at = Date.UTC(2026, 10, 20, 12);
const origin = { timestamp: at, tenant: 'acme', stage: 'prod', function: 'meta-door' };

function aTelemetry() {
  const lines: string[] = [];
  const problems: { problem: string; fields: Record<string, unknown> }[] = [];
  const telemetry = createTelemetry({
    tenant: 'acme',
    stage: 'prod',
    functionName: 'meta-door',
    logger: { error: (problem, fields) => problems.push({ problem, fields: { ...fields } }) },
    now: () => at,
    writeLine: (line) => lines.push(line),
  });
  return { telemetry, lines, problems, parsed: () => lines.map((line) => JSON.parse(line)) };
}

describe('an event', () => {
  it('is one line of JSON that says where it comes from', () => {
    const { telemetry, lines, parsed } = aTelemetry();

    telemetry.event('webhook.accepted', {
      rawKey: 'raw/"a"\n',
      messages: 2,
      rawArchived: true,
      none: undefined,
    });

    expect(lines[0]).not.toContain('\n');
    expect(parsed()).toEqual([
      { event: 'webhook.accepted', ...origin, rawKey: 'raw/"a"\n', messages: 2, rawArchived: true },
    ]);
  });

  it('needs no fields', () => {
    const { telemetry, parsed } = aTelemetry();

    telemetry.event('webhook.refused', {});

    expect(parsed()).toEqual([{ event: 'webhook.refused', ...origin }]);
  });

  it.each([...redactedKeys].map((key) => [key]))('never shows a field called %s', (key) => {
    const { telemetry, lines, parsed } = aTelemetry();

    telemetry.event('message.delivered', { messageId: 'wamid.1', [key]: 'canary' });

    expect(lines.join()).not.toContain('canary');
    expect(parsed()).toEqual([expect.objectContaining({ messageId: 'wamid.1', [key]: '[redacted]' })]);
  });

  it('goes to standard output unless told otherwise', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const logger = { error: () => {} };

    createTelemetry({ tenant: 't', stage: 's', functionName: 'f', logger }).event('e.happened', {});
    const line = String(write.mock.calls[0]?.[0]);
    write.mockRestore();

    expect(line.endsWith('}\n')).toBe(true);
    expect(Math.abs(JSON.parse(line).timestamp - Date.now())).toBeLessThan(60_000);
  });
});

describe('a counter', () => {
  it('rides on the next line as embedded metric, and on no other', () => {
    const { telemetry, parsed } = aTelemetry();

    telemetry.count('WebhooksAccepted');
    telemetry.count('MessagesAccepted', 2);
    telemetry.count('MessagesAccepted', 3);
    telemetry.event('webhook.accepted', { messages: 5 });
    telemetry.event('webhook.accepted', {});

    expect(parsed()).toEqual([
      {
        event: 'webhook.accepted',
        ...origin,
        messages: 5,
        WebhooksAccepted: 1,
        MessagesAccepted: 5,
        _aws: {
          Timestamp: at,
          CloudWatchMetrics: [
            {
              Namespace: metricNamespace,
              Dimensions: [['tenant', 'stage', 'function']],
              Metrics: [
                { Name: 'WebhooksAccepted', Unit: 'Count' },
                { Name: 'MessagesAccepted', Unit: 'Count' },
              ],
            },
          ],
        },
      },
      { event: 'webhook.accepted', ...origin },
    ]);
  });

  it('of nothing is no counter', () => {
    const { telemetry, parsed } = aTelemetry();

    telemetry.count('MalformedParts', 0);
    telemetry.event('webhook.accepted', {});

    expect(parsed()).toEqual([{ event: 'webhook.accepted', ...origin }]);
  });

  it('left at the end of the invocation is flushed, once', () => {
    const { telemetry, parsed } = aTelemetry();

    telemetry.count('RecordsFailed');
    telemetry.flush();
    telemetry.flush();

    expect(parsed()).toEqual([
      expect.objectContaining({ event: 'invocation.counted', ...origin, RecordsFailed: 1 }),
    ]);
  });

  it('has the dimensions and values that CloudWatch looks for beside the metrics', () => {
    const { telemetry, parsed } = aTelemetry();

    telemetry.count('DeskFailures.throttled');
    telemetry.flush();

    const [line] = parsed();
    const [{ Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
    for (const name of [...Dimensions.flat(), ...Metrics.map(({ Name }: { Name: string }) => Name)])
      expect(line).toHaveProperty([name]);
  });
});

describe('a problem', () => {
  it('says what kind of failure it was and what comes next', () => {
    const { telemetry, problems, lines } = aTelemetry();
    const cause = new RangeError('words of a library: canary');
    const failure = new BridgeError('throttled', 'Genesys answered 429', { status: 429, code: 'x' }, cause);

    telemetry.problem('message.delayed', failure, { messageId: 'wamid.1' });

    expect(problems).toEqual([
      {
        problem: 'message.delayed',
        fields: {
          messageId: 'wamid.1',
          kind: 'throttled',
          next: 'retry-after',
          reason: 'Genesys answered 429',
          cause: 'RangeError',
          status: 429,
          code: 'x',
        },
      },
    ]);
    expect(lines).toEqual([]);
  });

  it('of any other error is a bug, told by its name and trace', () => {
    const { telemetry, problems } = aTelemetry();

    telemetry.problem('record.failed', new TypeError('canary'));

    expect(problems).toEqual([
      {
        problem: 'record.failed',
        fields: {
          kind: 'invariant-broken',
          reason: 'TypeError',
          stack: expect.stringMatching(/^ +at .*telemetry\.test/),
        },
      },
    ]);
  });

  it.each([
    ['an error', new Error('canary')],
    ['an error of several lines', new SyntaxError('Unexpected token\ncanary\ncanary\n  canary')],
    ['an error that quotes its cause', new Error('outer canary', { cause: new Error('canary') })],
    ['a failure with a cause', new BridgeError('store-unavailable', 'down', {}, new Error('canary'))],
    ['a failure with a text as cause', new BridgeError('store-unavailable', 'down', {}, 'canary')],
    ['a thrown text', 'canary'],
    ['a thrown object', { message: 'canary' }],
  ])('never shows the words of %s', (_name, error) => {
    const { telemetry, problems } = aTelemetry();

    telemetry.problem('record.failed', error);

    expect(JSON.stringify(problems)).not.toContain('canary');
    expect(problems[0]?.fields.kind).toBeDefined();
  });

  it.each([
    ['text', 'string'],
    [undefined, 'undefined'],
    [null, 'object'],
  ])('may be no error at all (%j)', (error, reason) => {
    const { telemetry, problems } = aTelemetry();

    telemetry.problem('record.failed', error);

    expect(problems[0]?.fields).toEqual({ kind: 'invariant-broken', reason, stack: undefined });
  });
});
