import { LogStore, splitLines } from '../../local/log-store.ts';

describe('LogStore', () => {
  it('numbers lines from 1 and parses those that are JSON', () => {
    const logs = new LogStore();

    logs.add('door', '{"event":"webhook.accepted"}');
    logs.add('worker', 'plain');
    logs.add('worker', '{"cut');

    expect(logs.since(0)).toEqual([
      { seq: 1, at: expect.any(Number), function: 'door', line: { event: 'webhook.accepted' } },
      { seq: 2, at: expect.any(Number), function: 'worker', line: 'plain' },
      { seq: 3, at: expect.any(Number), function: 'worker', line: '{"cut' },
    ]);
    expect(logs.since(2).map(({ seq }) => seq)).toEqual([3]);
    expect(logs.since(3)).toEqual([]);
  });

  it('forgets the oldest lines and goes on counting', () => {
    const logs = new LogStore(10);

    for (let line = 1; line <= 100; line++) logs.add('door', String(line));

    const kept = logs.since(0);
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(kept.length).toBeLessThanOrEqual(15);
    expect(kept.at(-1)).toMatchObject({ seq: 100, line: '100' });
    expect(logs.since(98).map(({ seq }) => seq)).toEqual([99, 100]);
  });
});

describe('splitLines', () => {
  it('joins chunks to lines and gives out the rest at the end', () => {
    const lines: string[] = [];
    const splitter = splitLines((line) => lines.push(line));

    splitter.write('a');
    splitter.write('b\nc\nd');
    expect(lines).toEqual(['ab', 'c']);

    splitter.end();
    splitter.end();
    expect(lines).toEqual(['ab', 'c', 'd']);
  });
});
