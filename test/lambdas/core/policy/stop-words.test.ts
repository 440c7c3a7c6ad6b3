import { isStopWord } from '../../../../lambdas/core/policy/stop-words.ts';

const words = ['Stop', 'chat beenden', 'c\u0327a suffit'];

it.each(['stop', 'STOP', '  Stop \n', 'Chat Beenden', '\u00c7a suffit'])(
  '%p ends the conversation',
  (text) => {
    expect(isStopWord(text, words)).toBe(true);
  },
);

it.each(['', 'stop!', 'please stop', 'stopp', 'chat  beenden', 'top'])('%p does not', (text) => {
  expect(isStopWord(text, words)).toBe(false);
});

it('nothing does where the tenant lists nothing', () => {
  expect(isStopWord('stop', [])).toBe(false);
});
