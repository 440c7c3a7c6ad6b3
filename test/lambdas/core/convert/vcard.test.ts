import fc from 'fast-check';
import type { Contact } from '../../../../lambdas/core/convert/vcard.ts';
import { toVcards } from '../../../../lambdas/core/convert/vcard.ts';

const aContact = (over: Partial<Contact> = {}): Contact => ({
  name: 'Ito',
  nameParts: ['', 'Ito', '', '', ''],
  company: '',
  department: '',
  title: '',
  birthday: '',
  phones: [],
  emails: [],
  urls: [],
  addresses: [],
  ...over,
});
const unfold = (vcard: string) => vcard.replaceAll('\r\n ', '').split('\r\n');

describe('a vCard', () => {
  it('holds everything that was shared', () => {
    const contact = aContact({
      company: 'Harbour; Ltd',
      department: 'Quay',
      title: 'Master',
      birthday: '1980-02-03',
      phones: [{ value: '+44 1', type: 'work' }],
      emails: [{ value: 'ito@harbour.example', type: '' }],
      urls: [{ value: 'https://harbour.example/?a,b', type: 'WORK' }],
      addresses: [['1 Quay Road', 'Penzance', 'Cornwall', 'TR18', 'UK']],
    });

    expect(unfold(toVcards([contact]))).toEqual([
      'BEGIN:VCARD',
      'VERSION:3.0',
      'FN:Ito',
      'N:;Ito;;;',
      'ORG:Harbour\\; Ltd;Quay',
      'TITLE:Master',
      'TEL;TYPE=WORK:+44 1',
      'EMAIL:ito@harbour.example',
      'URL:https://harbour.example/?a\\,b',
      'ADR:;;1 Quay Road;Penzance;Cornwall;TR18;UK',
      'BDAY:1980-02-03',
      'END:VCARD',
      '',
    ]);
  });

  it('follows another one', () => {
    expect(toVcards([aContact(), aContact()]).match(/BEGIN:VCARD/g)).toHaveLength(2);
    expect(toVcards([])).toBe('');
  });

  it('cannot be broken out of', () => {
    const vcard = toVcards([
      aContact({
        name: 'a\r\nTEL:666\u0000\nEND:VCARD\u2028x',
        phones: [{ value: '1', type: 'X:\r\nURL' }],
      }),
    ]);

    expect(unfold(vcard)).toContain('FN:a\\nTEL:666\\nEND:VCARD\\nx');
    expect(unfold(vcard)).toContain('TEL:1');
  });

  it('has lines of at most 75 bytes whose characters are whole, and lets every name come back', () => {
    const text = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'grapheme', minLength: 60 })), (name) => {
        const vcard = toVcards([aContact({ name })]);

        expect(vcard.isWellFormed()).toBe(true);
        for (const line of vcard.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        const [line] = unfold(vcard).filter((each) => each.startsWith('FN:'));
        const value = line?.slice(3).replace(/\\(.)/gs, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
        const plain = name
          .toWellFormed()
          .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\n')
          .replace(/(?!\n)\p{Cc}/gu, '');
        expect(value).toBe(plain);
      }),
    );
  });
});
