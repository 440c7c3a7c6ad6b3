import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import { createOptionIds, offerChoices } from '../../../../../lambdas/core/convert/whatsapp/choices.ts';
import type { DeskOption } from '../../../../../lambdas/core/model/desk-message.ts';
import { interactiveOf, optionsOf, textOf, typesOf } from '../../../../customer-parts.ts';

const phrases = choosePhrases('en');
const option = (text: string, payload = text): DeskOption => ({ type: 'QuickReply', text, payload });
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => option(`Choice ${index + 1}`));
const offer = (prompt: string, choices: readonly DeskOption[], id = 'm1') =>
  offerChoices(prompt, choices, { phrases, nextId: createOptionIds(id) });

it.each([
  [1, 'button'],
  [3, 'button'],
  [4, 'list'],
  [10, 'list'],
])('%i choices are a %s', (count, type) => {
  const parts = offer('Well?', numbered(count));

  expect(parts).toHaveLength(1);
  expect(interactiveOf(parts[0])).toMatchObject({ type, body: { text: 'Well?' } });
  expect(Object.values(optionsOf(parts[0]))).toEqual(numbered(count));
});

it('eleven choices are numbered lines behind the prompt', () => {
  const parts = offer('Well?', numbered(11));

  expect(parts.map(textOf)).toEqual([
    `Well?\n\n${numbered(11)
      .map(({ text }, index) => `${index + 1}. ${text}`)
      .join('\n')}`,
  ]);
});

it('three hundred choices are as many messages as they need', () => {
  const parts = offer(
    'Well?',
    Array.from({ length: 300 }, (_, index) => option(`${'x'.repeat(40)} ${index}`)),
  );

  expect(typesOf(parts)).toEqual(['text', 'text', 'text', 'text']);
  expect(textOf(parts.at(-1))).toMatch(/\n300\. x{40} 299$/);
});

it('a long title is cut on a button and whole in the tap', () => {
  const family = '👨‍👩‍👧‍👦';
  const [part] = offer('Well?', [option('Yes'), option(`No ${family}${family}`, 'no')]);

  expect(interactiveOf(part)).toMatchObject({
    action: { buttons: [{ reply: { title: 'Yes' } }, { reply: { title: `No ${family}…` } }] },
  });
  expect(Object.values(optionsOf(part))[1]).toEqual(option(`No ${family}${family}`, 'no'));
});

it('a long title in a list is shown whole below', () => {
  const long = 'A title that is longer than a row';
  const [part] = offer('Well?', [...numbered(3), option(long)]);

  expect(interactiveOf(part)).toMatchObject({
    action: { sections: [{ rows: [{}, {}, {}, { title: 'A title that is longer …', description: long }] }] },
  });
});

it('titles that look the same on buttons become a list', () => {
  const [part] = offer('Well?', [option('Delivery to the shop A'), option('Delivery to the shop B')]);

  expect(interactiveOf(part)).toMatchObject({ type: 'list' });
});

it.each([
  ['cut', [option('Delivery to the nearest shop A'), option('Delivery to the nearest shop B')]],
  ['equal', [option('Yes', '1'), option('Yes', '2')]],
  ['equal but for what nobody sees', [option('Yes'), option('Yes\u200b')]],
])('titles that look the same in a list too (%s) are numbered', (_name, choices) => {
  const parts = offer('Well?', choices);

  expect(typesOf(parts)).toEqual(['text']);
  expect(textOf(parts[0])).toMatch(/^Well\?\n\n1\. .+\n2\. .+$/);
});

it('a title of several lines is one line', () => {
  const [part] = offer('Well?', [option('a\r\nb\u0000')]);

  expect(interactiveOf(part)).toMatchObject({ action: { buttons: [{ reply: { title: 'a b' } }] } });
});

it('a prompt that is too long goes ahead but for its last words', () => {
  const prompt = `${'word '.repeat(2000)}Well?`;
  const parts = offer(prompt, numbered(2));

  expect(typesOf(parts)).toEqual(['text', 'text', 'text', 'interactive']);
  expect(parts.map((part) => textOf(part)).join(' ')).toBe(prompt);
});

it.each([
  [1024, ['interactive']],
  [1025, ['text', 'interactive']],
])('a prompt of %i characters is %j', (length, types) => {
  expect(typesOf(offer('x'.repeat(length), numbered(2)))).toEqual(types);
});

it('a prompt that ends in what nobody sees does not leave the choices without words', () => {
  expect(textOf(offer(`Well?${'\u200b'.repeat(1024)}`, numbered(2)).at(-1))).toBe('Please choose:');
});

it('choices without a prompt are asked for in words of the bridge', () => {
  expect(textOf(offer('', numbered(2))[0])).toBe('Please choose:');
});

it('a prompt without choices is a text', () => {
  expect(typesOf(offer('Well?', []))).toEqual(['text']);
});

it('the word on a list is cut when a tenant made it too long', () => {
  const [part] = offerChoices('Well?', numbered(4), {
    phrases: { ...phrases, options: 'All that can be chosen here' },
    nextId: createOptionIds('m1'),
  });

  expect(interactiveOf(part)).toMatchObject({ action: { button: 'All that can be cho…' } });
});

it('ids are the same for the same message, and others for another', () => {
  const ids = (id: string) => Object.keys(optionsOf(offer('Well?', numbered(3), id)[0]));

  expect(ids('m1')).toEqual(ids('m1'));
  expect(new Set([...ids('m1'), ...ids('m2')]).size).toBe(6);
  expect(ids('x'.repeat(10_000))[0]?.length).toBeLessThan(20);
});
