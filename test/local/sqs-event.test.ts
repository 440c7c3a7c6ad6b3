import { findFailedIds, toSqsRecord } from '../../local/sqs-event.ts';

const ids = ['a', 'b', 'c'];
const failing = (...identifiers: unknown[]) => ({
  batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('findFailedIds', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['an object without a list', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', failing()],
  ])('takes %s for all done', (_what, answer) => {
    expect(findFailedIds(ids, answer, true)).toEqual(new Set());
  });

  it('keeps the messages that are named', () => {
    expect(findFailedIds(ids, failing('b', 'c'), true)).toEqual(new Set(['b', 'c']));
  });

  it.each([
    ['an unknown id', failing('b', 'x')],
    ['an empty id', failing('')],
    ['a null id', failing(null)],
    ['an id that is no text', failing(1)],
    ['a null entry', { batchItemFailures: [null] }],
    ['a list that is none', { batchItemFailures: 'b' }],
    ['an answer that is no object', 'done'],
  ])('fails the whole batch for %s', (_what, answer) => {
    expect(findFailedIds(ids, answer, true)).toEqual(new Set(ids));
  });

  it('takes any answer for all done when the mapping does not report failures', () => {
    expect(findFailedIds(ids, failing('b'), false)).toEqual(new Set());
  });
});

describe('toSqsRecord', () => {
  it('has the shape of the record Lambda gets', () => {
    const record = toSqsRecord(
      {
        MessageId: 'm1',
        ReceiptHandle: 'r1',
        Body: 'body',
        MD5OfBody: 'md5',
        Attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'g' },
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'v' },
          bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
        },
      },
      'arn:aws:sqs:eu-west-1:000000000000:q.fifo',
    );

    expect(record).toEqual({
      messageId: 'm1',
      receiptHandle: 'r1',
      body: 'body',
      attributes: { ApproximateReceiveCount: '1', MessageGroupId: 'g' },
      messageAttributes: {
        text: { stringValue: 'v', stringListValues: [], binaryListValues: [], dataType: 'String' },
        bytes: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
      md5OfBody: 'md5',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:q.fifo',
      awsRegion: 'eu-west-1',
    });
  });
});
