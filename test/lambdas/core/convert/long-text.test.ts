import { toGenesys } from '../../../../lambdas/core/convert/genesys/to-genesys.ts';
import { carryLongText } from '../../../../lambdas/core/convert/long-text.ts';
import { choosePhrases } from '../../../../lambdas/core/convert/phrases.ts';
import { aDeskMessage } from '../../../builders.ts';

const en = choosePhrases('en');
const shown = (text: string) => ({ kind: 'shown', text, placeholder: false, attributes: {} }) as const;

describe('a text', () => {
  it.each([
    ['of letters', 'x'.repeat(479_998)],
    ['of emoji', '🎉'.repeat(119_999)],
    ['of what JSON escapes', '\u0000'.repeat(79_999)],
  ])('%s that Genesys takes stays as it is', (_name, text) => {
    expect(carryLongText(shown(text), en)).toEqual(shown(text));
    expect(Buffer.byteLength(JSON.stringify(toGenesys(aDeskMessage({ text }))))).toBeLessThan(512_000);
  });

  it.each([
    ['of letters', 'x'.repeat(480_000)],
    ['of emoji', '🎉'.repeat(120_000)],
    ['of what JSON escapes', '\u0000'.repeat(80_000)],
  ])('%s that Genesys would refuse goes whole into a file, with its beginning shown', (_name, text) => {
    const content = carryLongText(shown(text), en);

    expect(content.file).toEqual({
      filename: 'message.txt',
      mime: 'text/plain; charset=utf-8',
      content: text,
    });
    expect(content.text).toBe(`${text.slice(0, 2000)}…\n${en.textContinues}`);
    expect(content.placeholder).toBe(false);
  });

  it('is shortened beside a file that holds it already', () => {
    const file = { filename: 'contacts.vcf', mime: 'text/vcard', content: 'BEGIN:VCARD' };

    expect(carryLongText({ ...shown('x'.repeat(500_000)), file }, en).file).toEqual(file);
  });
});
