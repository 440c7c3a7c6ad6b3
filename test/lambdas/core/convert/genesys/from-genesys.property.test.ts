import fc from 'fast-check';
import { toCustomerContent } from '../../../../../lambdas/core/convert/genesys/from-genesys.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import { chooseMedia } from '../../../../../lambdas/core/convert/whatsapp/media-choice.ts';
import { toMediaSend } from '../../../../../lambdas/core/convert/whatsapp/media-send.ts';
import { toSendBody } from '../../../../../lambdas/core/convert/whatsapp/send-body.ts';
import type { CustomerPart, CustomerTarget } from '../../../../../lambdas/core/model/customer-message.ts';
import { findSendRefusal } from '../../../../../local/stand-ins/meta/meta-send-contract.ts';
import { optionsOf, tapIdsOf } from '../../../../customer-parts.ts';
import { aBrokenBody, aDeskBody, aNotification } from '../../../../genesys-messages.ts';
import { findSendFaults } from '../../../../schemas/schemas.ts';

const options = {
  templates: { mapped: { name: 'mapped_1', language: 'en_GB' } },
  phrases: choosePhrases('en'),
};
const targets: CustomerTarget[] = [{ phone: '15550100100' }, { userId: 'GB.77001122334455' }];
const heads = ['\xff\xd8\xff', 'OggS', '%PDF-', '', 'RIFF\0\0\0\0WEBP'].map((text) =>
  Buffer.from(text, 'latin1'),
);

const partsOf = (message: unknown): readonly CustomerPart[] => {
  const content = toCustomerContent(message, options);
  return content.kind === 'parts' ? content.parts : [];
};

/** The bodies of a part, for a file as each of the things it may turn out to be. */
const bodiesOf = (part: CustomerPart) => {
  const sends =
    part.kind === 'ready'
      ? [part.send]
      : heads.flatMap((head) => {
          const { mime, filename, caption, voice, sticker } = part.attachment;
          const captioned = caption !== undefined;
          const choice = chooseMedia({ mime, head, bytes: 100, filename, captioned, voice, sticker }, 'abc');
          return choice.taken ? [toMediaSend(choice, '7', caption, choice.filename)] : [];
        });
  return sends.flatMap((send) => targets.map((target) => toSendBody(target, send, 'd7d58935.0')));
};

/** All words a customer sees in the bodies, in order. */
const seenOf = (parts: readonly CustomerPart[]): string =>
  parts
    .map((part) => JSON.stringify(part.kind === 'ready' ? [part.send, part.options] : part.attachment))
    .join('\n');

const expectValid = (parts: readonly CustomerPart[]) => {
  for (const part of parts) {
    for (const body of bodiesOf(part)) {
      const wire: unknown = JSON.parse(JSON.stringify(body));
      expect(findSendFaults(wire)).toEqual([]);
      expect(findSendRefusal(wire)).toBeUndefined();
    }
  }
};

/** Markers of a generated message, in its own order. */
const wordsIn = (value: unknown): string[] =>
  JSON.stringify(value).match(/(?<=[":/])[0-9a-f]{8}-[0-9a-f]{4}(?=[" ])/g) ?? [];

describe('whatever an agent or a bot sends', () => {
  it('every send is one that WhatsApp takes, by the schemas and by the stand-in', () => {
    fc.assert(
      fc.property(fc.oneof(aDeskBody, aBrokenBody), (message) => {
        expectValid(partsOf(message));
      }),
      { numRuns: 500 },
    );
  });

  it('every notification is one that WhatsApp takes, mapped or not', () => {
    fc.assert(
      fc.property(aNotification, (content) => {
        const parts = partsOf({ id: 'a', content: [content] });

        expect(parts.length).toBeGreaterThan(0);
        expectValid(parts);
        const isTemplate = parts.some((part) => part.kind === 'ready' && part.send.type === 'template');
        expect(isTemplate).toBe(content.template.id === 'mapped');
      }),
      { numRuns: 200 },
    );
  });

  it('nothing of it is lost', () => {
    fc.assert(
      fc.property(aDeskBody, ({ id, ...message }) => {
        const seen = seenOf(partsOf({ id, ...message }));

        for (const word of wordsIn(message)) {
          // An id of a file and the payload behind a numbered line are nothing to see.
          if (isUnseen(message, word)) continue;
          expect(seen).toContain(word);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('files, cards and prompts keep their order', () => {
    fc.assert(
      fc.property(aDeskBody, ({ id, text: _text, ...message }) => {
        const seen = seenOf(partsOf({ id, ...message }));
        const contents: readonly Content[] = message.content;
        const landmarks = contents.flatMap(landmarkOf);
        const positions = landmarks.map((landmark) => seen.indexOf(landmark));

        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
        expect(positions).not.toContain(-1);
      }),
      { numRuns: 300 },
    );
  });

  it('every tap leads back to what Genesys offered, and none to another', () => {
    fc.assert(
      fc.property(aDeskBody, (message) => {
        const parts = partsOf(message);
        const tapIds = parts.flatMap(tapIdsOf);

        expect(new Set(tapIds).size).toBe(tapIds.length);
        for (const part of parts) {
          expect(Object.keys(optionsOf(part)).toSorted()).toEqual(tapIdsOf(part).toSorted());
          for (const { payload } of Object.values(optionsOf(part))) {
            expect(JSON.stringify(message)).toContain(JSON.stringify(payload));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the same message is the same parts', () => {
    fc.assert(
      fc.property(fc.oneof(aDeskBody, aBrokenBody), (message) => {
        expect(toCustomerContent(message, options)).toEqual(toCustomerContent(message, options));
      }),
      { numRuns: 200 },
    );
  });

  it('no text is empty, too long or half a character, and every part can be quoted', () => {
    fc.assert(
      fc.property(aDeskBody, (message) => {
        for (const part of partsOf(message)) {
          expect(part.snippet.length).toBeLessThanOrEqual(81);
          if (part.kind === 'attachment') {
            expect(part.attachment.caption?.length ?? 1).toBeLessThanOrEqual(1024);
            continue;
          }
          expect(part.snippet).not.toBe('');
          const body = part.send.type === 'text' ? JSON.stringify(part.send) : '';
          expect(body).not.toMatch(/\\ud[89a-f]/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

type DeskBody = typeof aDeskBody extends fc.Arbitrary<infer Body> ? Body : never;
type Content = DeskBody['content'][number];

function isUnseen(message: Omit<DeskBody, 'id'>, word: string): boolean {
  const said = JSON.stringify(message, (name, value: unknown) =>
    name === 'id' || name === 'payload' ? undefined : value,
  );
  return !said.includes(word);
}

function landmarkOf(content: Content): string[] {
  if ('attachment' in content) return [content.attachment.url];
  if ('card' in content) return [content.card.title.slice(0, 13)];
  if ('carousel' in content) return content.carousel.cards.map(({ title }) => title.slice(0, 13));
  if ('quickReplyV2' in content && content.quickReplyV2.title)
    return [content.quickReplyV2.title.slice(0, 13)];
  return [];
}
