// Writes vCards of version 3.0 (RFC 2426), the one that every address book reads.

export interface Contact {
  name: string;
  /** Family name, given name, additional names, prefixes, suffixes; empty where unknown. */
  nameParts: readonly string[];
  company: string;
  department: string;
  title: string;
  birthday: string;
  phones: readonly { value: string; type: string }[];
  emails: readonly { value: string; type: string }[];
  urls: readonly { value: string; type: string }[];
  /** Street, city, state, postal code, country; empty where unknown. */
  addresses: readonly (readonly string[])[];
}

/** One card after the other; no value can begin a line of its own. */
export function toVcards(contacts: readonly Contact[]): string {
  return contacts.map(toVcard).join('');
}

function toVcard(contact: Contact): string {
  const { name, nameParts, company, department, title, birthday, phones, emails, urls, addresses } = contact;
  const lines = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    `FN:${escapeValue(name)}`,
    `N:${joinFields(nameParts)}`,
    ...(company === '' && department === '' ? [] : [`ORG:${joinFields([company, department])}`]),
    ...(title === '' ? [] : [`TITLE:${escapeValue(title)}`]),
    ...phones.map((phone) => `TEL${toType(phone.type)}:${escapeValue(phone.value)}`),
    ...emails.map((email) => `EMAIL${toType(email.type)}:${escapeValue(email.value)}`),
    ...urls.map((url) => `URL:${escapeValue(url.value)}`),
    ...addresses.map(([street = '', ...rest]) => `ADR:${joinFields(['', '', street, ...rest])}`),
    ...(birthday === '' ? [] : [`BDAY:${escapeValue(birthday)}`]),
    'END:VCARD',
  ];
  return lines.map((line) => `${foldLine(line)}\r\n`).join('');
}

function joinFields(values: readonly string[]): string {
  return values.map(escapeValue).join(';');
}

function toType(type: string): string {
  return /^[a-z]{1,20}$/i.test(type) ? `;TYPE=${type.toUpperCase()}` : '';
}

function escapeValue(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '\\n')
    .replace(/\p{Cc}/gu, '');
}

/** Lines are at most 75 bytes long and go on after a break and a space; characters stay whole. */
function foldLine(line: string): string {
  let folded = '';
  let bytes = 0;
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes + size > 75) {
      folded += '\r\n ';
      bytes = 1;
    }
    folded += character;
    bytes += size;
  }
  return folded;
}
