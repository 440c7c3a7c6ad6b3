// What customers write: the kinds people use most, by weight.
import type { Random } from './random.ts';

type Content = Record<string, unknown>;

/** A file at the Meta stand-in. */
export interface StoredFile {
  id: string;
  sha256: string;
  mime_type: string;
}

interface Kind {
  weight: number;
  write(random: Random, file: StoredFile, earlier: string | undefined): Content;
}

const words = [
  'is',
  'my',
  'order',
  'on',
  'its',
  'way?',
  'größe',
  '42',
  '🙏',
  'grüezi',
  'hello',
  'merci',
  '谢谢',
];

function sentence(random: Random): string {
  return Array.from({ length: random.between(1, 30) }, () => random.pick(words)).join(' ');
}

const kinds: readonly Kind[] = [
  { weight: 70, write: (random) => ({ type: 'text', text: { body: sentence(random) } }) },
  {
    weight: 6,
    write: (random, file) => ({ type: 'image', image: { ...file, caption: sentence(random) } }),
  },
  {
    weight: 3,
    write: (_random, file) => ({ type: 'document', document: { ...file, filename: 'ticket.pdf' } }),
  },
  {
    weight: 6,
    write: (random) => ({
      type: 'location',
      location: {
        latitude: random.between(-80, 80),
        longitude: random.between(-170, 170),
        name: sentence(random),
      },
    }),
  },
  {
    weight: 4,
    write: (random) => ({
      type: 'contacts',
      contacts: [
        { name: { formatted_name: 'Zoë Ångström' }, phones: [{ phone: `+44${random.between(1e8, 9e8)}` }] },
      ],
    }),
  },
  {
    weight: 5,
    write: (random) => ({
      type: 'interactive',
      interactive: {
        type: 'list_reply',
        list_reply: { id: `row-${random.between(1, 9)}`, title: 'The second one' },
      },
    }),
  },
  {
    weight: 6,
    write: (random, _file, earlier) =>
      earlier === undefined
        ? { type: 'text', text: { body: sentence(random) } }
        : { type: 'reaction', reaction: { message_id: earlier, emoji: random.pick(['👍', '❤️', '🙏']) } },
  },
];

const weights = kinds.reduce((sum, { weight }) => sum + weight, 0);

/** A message without sender and id. @param earlier id of a message of the same customer */
export function writeMessage(random: Random, file: StoredFile, earlier: string | undefined): Content {
  let left = random.between(1, weights);
  for (const { weight, write } of kinds) {
    left -= weight;
    if (left <= 0) return write(random, file, earlier);
  }
  return { type: 'text', text: { body: sentence(random) } };
}
