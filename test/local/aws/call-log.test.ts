import { CallLog } from '../../../local/aws/call-log.ts';

const call = { at: 1, function: 'door', service: 's3', operation: 'PutObject', resource: 'archive/a' };
const seqsOf = (log: CallLog, since: number) => log.since(since).map(({ seq }) => seq);

test('numbers calls from 1 and gives those after a number', () => {
  const log = new CallLog();

  for (let count = 0; count < 3; count += 1) log.add(call);

  expect(log.since(2)).toEqual([{ seq: 3, ...call }]);
  expect(seqsOf(log, 0)).toEqual([1, 2, 3]);
  expect(seqsOf(log, -5)).toEqual([1, 2, 3]);
  expect(seqsOf(log, 3)).toEqual([]);
  expect(seqsOf(log, 99)).toEqual([]);
});

test('keeps the newest calls only and never numbers anew', () => {
  const log = new CallLog(3);

  for (let count = 0; count < 20; count += 1) {
    log.add(call);

    const last = count + 1;
    const expected = [last - 2, last - 1, last].filter((seq) => seq > 0);
    expect(seqsOf(log, 0)).toEqual(expected);
  }
});
