// Shared contacts: readable lines for the agent, and a vCard file that address books take.
import { toSafeFilename } from '../hostile-text.ts';
import { fillPhrase } from '../phrases.ts';
import type { Contact } from '../vcard.ts';
import { toVcards } from '../vcard.ts';
import type { Conversion, Converter } from './conversion.ts';
import { joinParts, readObjects, readText } from './conversion.ts';

export const convertContacts: Converter = (content, { phrases, message }) => {
  const cards = readObjects({ content }, 'content');
  const contacts = cards.map(readContact);
  const isAnswer = [...cards, message].some((each) => readText(each, 'origin') === 'contact_request');
  const label =
    contacts.length > 1
      ? fillPhrase(phrases.contactCards, { count: String(contacts.length) })
      : phrases[isAnswer ? 'phoneShared' : 'contactCard'];
  const readable = contacts.map(toLines).filter((lines) => lines !== '');
  const text = [label, ...readable].join('\n');
  if (readable.length === 0) return { text, placeholder: true };
  const [first] = contacts;
  const filename = (contacts.length === 1 && toSafeFilename(first?.name)) || 'contacts';
  const file = { filename: `${filename}.vcf`, mime: 'text/vcard', content: toVcards(contacts) };
  return { text, placeholder: false, file } satisfies Conversion;
};

function readContact(card: Record<string, unknown>): Contact {
  const [first, last] = [readText(card, 'name', 'first_name'), readText(card, 'name', 'last_name')];
  const fields: Omit<Contact, 'phones' | 'emails' | 'addresses' | 'urls'> = {
    name: readText(card, 'name', 'formatted_name') ?? joinParts([first, last], ' '),
    nameParts: ['last_name', 'first_name', 'middle_name', 'prefix', 'suffix'].map(
      (part) => readText(card, 'name', part) ?? '',
    ),
    company: readText(card, 'org', 'company') ?? '',
    department: readText(card, 'org', 'department') ?? '',
    title: readText(card, 'org', 'title') ?? '',
    birthday: readText(card, 'birthday') ?? '',
  };
  return {
    ...fields,
    phones: readList(card, 'phones', (entry) => readText(entry, 'phone') ?? readText(entry, 'wa_id')),
    emails: readList(card, 'emails', (entry) => readText(entry, 'email')),
    urls: readList(card, 'urls', (entry) => readText(entry, 'url')),
    addresses: readObjects(card, 'addresses').map((entry) =>
      ['street', 'city', 'state', 'zip', 'country'].map((part) => readText(entry, part) ?? ''),
    ),
  };
}

function readList(
  card: Record<string, unknown>,
  key: string,
  read: (entry: unknown) => string | undefined,
): Contact['phones'] {
  return readObjects(card, key).flatMap((entry) => {
    const value = read(entry);
    return value === undefined ? [] : [{ value, type: readText(entry, 'type') ?? '' }];
  });
}

function toLines(contact: Contact): string {
  const { name, company, department, title, birthday, phones, emails, urls, addresses } = contact;
  return joinParts(
    [
      name,
      joinParts([title, department, company], ', '),
      ...[...phones, ...emails, ...urls].map(({ value, type }) => (type ? `${value} (${type})` : value)),
      ...addresses.map((parts) => joinParts(parts, ', ')),
      birthday,
    ],
    '\n',
  );
}
