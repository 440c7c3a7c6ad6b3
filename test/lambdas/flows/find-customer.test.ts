import type { InboundItem, SenderIdentity } from '../../../lambdas/core/model/envelope.ts';
import { openFence } from '../../../lambdas/core/model/fence.ts';
import type { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { MemoryFences } from '../../../simulation/stores/memory-park.ts';
import { anEnvelope } from '../../builders.ts';
import { aMessageOf, aMoveOf, aScene, describeFound } from './identity-scene.ts';

const phone = '447700900001';
const userId = 'GB.1';
const parentUserId = 'GB.ENT.1';
const phoneOnly = { phone };
const userOnly = { userId };
const both = { phone, userId };
const stranger = { phone, userId: 'GB.666' };

async function tellAll(steps: readonly (SenderIdentity | InboundItem)[], scene = aScene()) {
  const found: string[] = [];
  for (const [second, step] of steps.entries()) {
    found.push(describeFound(await scene.find('id' in step ? step : aMessageOf(step, second))));
  }
  return found;
}

describe('a customer', () => {
  it.each<[string, SenderIdentity[], string]>([
    ['phone only', [phoneOnly, phoneOnly], `${phone}<${phone}`],
    ['BSUID only', [userOnly, userOnly], `${userId}<${userId}`],
    ['both, then either', [both, phoneOnly, userOnly], `${userId}<${phone}`],
    [
      'phone first, then both, then either',
      [phoneOnly, both, userOnly, phoneOnly, both],
      `${phone}<${phone}`,
    ],
    ['BSUID first, then both, then either', [userOnly, both, phoneOnly, userOnly], `${userId}<${userId}`],
    [
      'a new BSUID of the same parent',
      [
        { userId, parentUserId },
        { userId: 'GB.2', parentUserId },
        { userId: 'GB.2' },
        userOnly,
        { parentUserId },
      ],
      `${userId}<${userId}`,
    ],
    [
      'a new BSUID of the same parent, with the phone of the former',
      [{ ...both, parentUserId }, { phone, userId: 'GB.2', parentUserId }, { userId: 'GB.2' }, phoneOnly],
      `${userId}<${phone}`,
    ],
    [
      'parent BSUID only, then more',
      [{ parentUserId }, { userId, parentUserId }, userOnly],
      `${parentUserId}<${parentUserId}`,
    ],
  ])('is one with one address throughout: %s', async (_name, senders, expected) => {
    expect(await tellAll(senders)).toEqual(senders.map(() => expected));
  });

  it.each<[string, SenderIdentity[], string]>([
    ['phone, BSUID, then both', [phoneOnly, userOnly, both], `${phone}<${phone}`],
    ['BSUID, phone, then both', [userOnly, phoneOnly, both], `${userId}<${userId}`],
  ])(
    'who was two until WhatsApp named both ids together goes on as the elder: %s',
    async (_name, senders, elder) => {
      const scene = aScene();
      await tellAll(senders, scene);

      expect(await tellAll([phoneOnly, userOnly, both], scene)).toEqual([elder, elder, elder]);
    },
  );

  it('takes a wish about marketing along when two become one', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, userOnly], scene);
    await scene.newFinder().recordOptOut(aMessageOf(userOnly), anEnvelope(), { optedOut: true, at: 5 });

    await tellAll([both], scene);

    expect(scene.directory.profiles.get(`1#${phone}`)?.marketing).toEqual({ optedOut: true, at: 5 });
  });

  it.each(['in', 'out'] as const)(
    'is not made another’s name while something waits behind its fence (%s); a later message makes up for it',
    async (direction) => {
      const scene = aScene();
      await tellAll([phoneOnly, userOnly], scene);
      const fences = new MemoryFences(scene.directory);
      const place = { numberId: '1', customerId: userId, direction };
      const closed = await fences.close(place, openFence, 1);
      const finder = scene.newFinder();

      expect(describeFound(await scene.find(aMessageOf(both, 2), finder))).toBe(`${userId}<${userId}`);
      expect(describeFound(await scene.find(aMessageOf(both, 3), finder))).toBe(`${userId}<${userId}`);
      await fences.open(place, closed ?? openFence);

      expect(describeFound(await scene.find(aMessageOf(both, 4), finder))).toBe(`${phone}<${phone}`);
      expect(describeFound(await scene.find(aMessageOf(userOnly, 5), finder))).toBe(`${phone}<${phone}`);
    },
  );

  it('whose elder has a closed fence becomes its name at once, and waits behind that fence', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, userOnly], scene);
    const fences = new MemoryFences(scene.directory);
    await fences.close({ numberId: '1', customerId: phone, direction: 'in' }, openFence, 1);

    const found = await scene.find(aMessageOf(both, 2));

    expect(found).toMatchObject({
      state: 'found',
      profile: { customerId: phone, fences: { in: { state: 'parked' } } },
    });
  });

  it('whose fence closes right before it would become another’s name keeps its own', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, userOnly], scene);
    const fences = new MemoryFences(scene.directory);
    const link = scene.directory.link.bind(scene.directory);
    scene.directory.link = async (...args) => {
      scene.directory.link = link;
      await fences.close({ numberId: '1', customerId: userId, direction: 'in' }, openFence, 1);
      return link(...args);
    };

    expect(describeFound(await scene.find(aMessageOf(both, 2)))).toBe(`${userId}<${userId}`);
  });

  it('is the sender of nothing when nobody is named', async () => {
    expect(await tellAll([{}])).toEqual(['sender-missing']);
  });

  it('may use a second phone that was nobody’s', async () => {
    const second = { userId, phone: '447700900099' };

    expect(await tellAll([both, second, phoneOnly, { phone: second.phone }, userOnly])).toEqual(
      Array(5).fill(`${userId}<${phone}`),
    );
  });

  it('of another number is another customer', async () => {
    const scene = aScene();
    await scene.find(aMessageOf(both));
    const finder = scene.newFinder();

    const found = await finder.find(aMessageOf(userOnly), anEnvelope({ numberId: '2' }), 'visit');

    expect(describeFound(found)).toBe(`${userId}<${userId}`);
  });
});

describe('a change of ids that WhatsApp tells of', () => {
  const newPhone = '447700900002';
  const after = { userId: 'GB.2', phone: newPhone };
  const customer = `${userId}<${phone}`;

  it.each<[string, (SenderIdentity | InboundItem)[]]>([
    ['of number', [both, aMoveOf(both, after, 1), after, { userId: 'GB.2' }, { phone: newPhone }, userOnly]],
    [
      'of BSUID',
      [
        both,
        aMoveOf(userOnly, { userId: 'GB.2' }, 1),
        { userId: 'GB.2' },
        { userId: 'GB.2', phone },
        phoneOnly,
        both,
      ],
    ],
    [
      'of number, told without any BSUID',
      [both, aMoveOf(phoneOnly, { phone: newPhone }, 1), { phone: newPhone }, after, { userId: 'GB.2' }],
    ],
    [
      'of number, told without the former BSUID',
      [both, aMoveOf(phoneOnly, after, 1), after, { phone: newPhone }],
    ],
    [
      'of BSUID and parent',
      [
        both,
        aMoveOf({ userId, parentUserId }, { userId: 'GB.2', parentUserId: 'GB.ENT.2' }, 1),
        { userId: 'GB.3', parentUserId: 'GB.ENT.2' },
      ],
    ],
    [
      'of number, twice',
      [
        both,
        aMoveOf(both, after, 1),
        aMoveOf(after, { userId: 'GB.3', phone: '447700900003' }, 2),
        { userId: 'GB.3' },
        { phone: '447700900003' },
        userOnly,
      ],
    ],
    [
      'of number and back',
      [
        both,
        aMoveOf(both, after, 1),
        aMoveOf(after, { userId: 'GB.3', phone }, 2),
        { userId: 'GB.3', phone },
        phoneOnly,
      ],
    ],
    [
      'of number, told twice',
      [both, aMoveOf(both, after, 1), after, aMoveOf(both, after, 1), after, { phone: newPhone }],
    ],
  ])('keeps the customer and the address: %s', async (_name, steps) => {
    expect(await tellAll(steps)).toEqual(steps.map(() => customer));
  });

  it('keeps the customer first known by phone alone', async () => {
    const steps = [phoneOnly, aMoveOf(both, after, 1), after, { phone: newPhone }, { userId: 'GB.2' }];

    expect(await tellAll(steps)).toEqual(steps.map(() => `${phone}<${phone}`));
  });

  it.each<[string, SenderIdentity[]]>([
    ['both ids', [after]],
    ['the new BSUID', [{ userId: 'GB.2' }]],
    ['the new phone', [{ phone: newPhone }]],
    ['each alone', [{ userId: 'GB.2' }, { phone: newPhone }]],
  ])('that comes after messages under %s makes one customer of both, the elder', async (_name, early) => {
    const scene = aScene();
    await tellAll([both], scene);
    for (const sender of early) await scene.find(aMessageOf(sender, 20));

    expect(describeFound(await scene.find(aMoveOf(both, after, 10)))).toBe(customer);

    for (const sender of [...early, after, { userId: 'GB.2' }, { phone: newPhone }]) {
      expect(describeFound(await scene.find(aMessageOf(sender, 30)))).toBe(customer);
    }
  });

  it('is told before anything else is known of the customer, who then is known by either', async () => {
    const [first, ...others] = await tellAll([
      aMoveOf(userOnly, { userId: 'GB.2' }),
      { userId: 'GB.2' },
      userOnly,
    ]);

    expect(first).toBe(`${userId}<${userId}`);
    expect(others).toEqual([first, first]);
  });

  it('that does not say who the customer was changes nothing', async () => {
    expect(
      await tellAll([{ userId: 'GB.2' }, { ...aMoveOf({}, { userId: 'GB.2' }), userId: 'GB.2' }]),
    ).toEqual(Array(2).fill('GB.2<GB.2'));
  });

  it('leaves what the former holder of the new phone said to the former holder', async () => {
    const scene = aScene();
    const former = { userId: 'GB.9', phone: newPhone };
    await tellAll([both, former], scene);
    const remembering = scene.newFinder();
    await scene.find(aMessageOf({ phone: newPhone }, 2), remembering);

    await scene.find(aMoveOf(both, after, 10));

    expect(describeFound(await scene.find(aMessageOf({ phone: newPhone }, 11), remembering))).toBe(customer);
    expect(describeFound(await scene.find(aMessageOf(after, 11)))).toBe(customer);
    expect(describeFound(await scene.find(aMessageOf({ userId: 'GB.9' }, 12)))).toBe(`GB.9<${newPhone}`);
  });

  it('tells the former holder’s sandboxes also after a crash right before it', async () => {
    const scene = aScene();
    const remembering = scene.newFinder();
    await tellAll([both, { userId: 'GB.9', phone: newPhone }], scene);
    await scene.find(aMessageOf({ phone: newPhone }, 2), remembering);
    jest.spyOn(scene.directory, 'disown').mockRejectedValueOnce(new Error('crashed'));
    await expect(scene.find(aMoveOf(both, after, 10))).rejects.toThrow('crashed');

    await scene.find(aMoveOf(both, after, 10));

    expect(describeFound(await scene.find(aMessageOf({ phone: newPhone }, 11), remembering))).toBe(customer);
  });

  it('does not take a phone back from who has got it since', async () => {
    const scene = aScene();
    const next = { userId: 'GB.9', phone: newPhone };
    await tellAll([both], scene);
    await scene.find(aMessageOf(next, 50));

    await scene.find(aMoveOf(both, after, 10));

    expect(describeFound(await scene.find(aMessageOf(next, 51)))).toBe(`GB.9<${newPhone}`);
    expect(describeFound(await scene.find(aMessageOf({ userId: 'GB.2' }, 51)))).toBe(customer);
  });

  it('told again long after does not touch who has the phones by then', async () => {
    const scene = aScene();
    const legacy = aMoveOf(phoneOnly, { phone: newPhone }, 10);
    await tellAll([both], scene);
    await scene.find(legacy);
    await scene.find(aMessageOf(stranger, 500));

    await scene.find(legacy);

    expect(describeFound(await scene.find(aMessageOf(stranger, 501)))).toBe('GB.666<GB.666');
    expect(describeFound(await scene.find(aMessageOf({ phone: newPhone }, 502)))).toBe(customer);
  });

  it('finds its customer although the old phone is in dispute with somebody else', async () => {
    const scene = aScene();
    await tellAll([both, stranger], scene);

    expect(describeFound(await scene.find(aMoveOf({ userId: 'GB.0', phone }, after, 10)))).toBe('GB.0<GB.0');
    expect(describeFound(await scene.find(aMoveOf(both, { userId: 'GB.3' }, 10)))).toBe(customer);
  });
});

describe('a phone with a new holder', () => {
  const moved = aMoveOf(both, { userId: 'GB.2', phone: '447700900002' }, 10);

  it('that its former holder left belongs to the new one, with an address and a conversation of their own', async () => {
    const scene = aScene();
    await tellAll([both, moved], scene);

    expect(describeFound(await scene.find(aMessageOf(stranger, 20)))).toBe('GB.666<GB.666');
    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 21)))).toBe('GB.666<GB.666');
    expect(describeFound(await scene.find(aMessageOf(userOnly, 22)))).toBe(`${userId}<${phone}`);
  });

  it('is no longer led to its former holder by what a sandbox remembers', async () => {
    const scene = aScene();
    const remembering = scene.newFinder();
    await scene.find(aMessageOf(phoneOnly), remembering);
    await tellAll([both], scene);

    await scene.find(moved);

    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 11), remembering))).toBe('identity-conflict');
  });

  it('is not remembered for its former holder, who may have become another’s name meanwhile', async () => {
    const scene = aScene();
    const remembering = scene.newFinder();
    await tellAll([{ userId: 'GB.0' }, both, moved, aMoveOf(userOnly, { userId: 'GB.0' }, 12)], scene);
    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 9), remembering))).toBe('GB.0<GB.0');
    await scene.find(aMessageOf(stranger, 20));

    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 21), remembering))).toBe('GB.666<GB.666');
  });

  it('gives late messages with it from before the move to the former holder, also when it has another', async () => {
    const scene = aScene();
    await tellAll([both, moved], scene);
    await scene.find(aMessageOf(stranger, 20));

    expect(describeFound(await scene.find(aMessageOf(both, 9)))).toBe(`${userId}<${phone}`);
    expect(describeFound(await scene.find(aMessageOf(stranger, 21)))).toBe('GB.666<GB.666');
  });

  it('gives late messages from before the move to the former holder, later ones without a BSUID to a person', async () => {
    const scene = aScene();
    await tellAll([both, moved], scene);

    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 9)))).toBe(`${userId}<${phone}`);
    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 11)))).toBe('identity-conflict');
  });

  it('stays with the customer who returns to it by their own BSUID', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, both, moved], scene);

    expect(describeFound(await scene.find(aMessageOf(both, 20)))).toBe(`${phone}<${phone}`);
  });

  it('that nobody left is disputed: the newcomer and the phone alone wait, its holder does not', async () => {
    const scene = aScene();
    const remembering = scene.newFinder();
    await scene.find(aMessageOf(both));
    await scene.find(aMessageOf(phoneOnly), remembering);
    await scene.find(aMessageOf(both), remembering);

    expect(await scene.find(aMessageOf(stranger, 1))).toEqual({
      state: 'identity-conflict',
      since: scene.clock.now(),
    });

    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 2), remembering))).toBe('identity-conflict');
    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 2)))).toBe('identity-conflict');
    expect(describeFound(await scene.find(aMessageOf(both, 2), remembering))).toBe(`${userId}<${phone}`);
    expect(describeFound(await scene.find(aMessageOf(userOnly, 2)))).toBe(`${userId}<${phone}`);
  });

  it.each<[string, InboundItem]>([
    ['the newcomer is its holder under a new BSUID', aMoveOf(userOnly, { userId: stranger.userId }, 2)],
    ['its holder had left it', aMoveOf(both, { userId: 'GB.2', phone: '447700900002' }, 0)],
  ])('is no longer disputed when WhatsApp says that %s', async (_name, event) => {
    const scene = aScene();
    await tellAll([both, stranger], scene);

    await scene.find(event);

    const isHolder = event.id === 'move.2';
    const expected = isHolder ? `${userId}<${phone}` : 'GB.666<GB.666';
    expect(describeFound(await scene.find(aMessageOf(stranger, 3)))).toBe(expected);
    expect(describeFound(await scene.find(aMessageOf(phoneOnly, 4)))).toBe(expected);
  });

  it('keeps a newcomer waiting who was left to a person, whatever WhatsApp says later', async () => {
    const scene = aScene();
    await tellAll([both, stranger], scene);
    expect(await scene.newFinder().park(aMessageOf(stranger), anEnvelope())).toBe(true);

    await scene.find(aMoveOf(userOnly, { userId: stranger.userId }, 2));

    for (const sender of [stranger, { userId: stranger.userId }, { ...stranger, parentUserId }]) {
      expect(await scene.find(aMessageOf(sender, 3))).toEqual({ state: 'identity-conflict', since: 0 });
    }
    expect(describeFound(await scene.find(aMessageOf(userOnly, 4)))).toBe(`${userId}<${phone}`);
  });

  it('lets everybody wait who is named together with a parked customer', async () => {
    const scene = aScene();
    const known = { userId: stranger.userId, parentUserId };
    await tellAll([both, known, stranger], scene);
    await scene.newFinder().park(aMessageOf(stranger), anEnvelope());

    expect(describeFound(await scene.find(aMessageOf({ userId: 'GB.7', parentUserId }, 3)))).toBe(
      'identity-conflict',
    );
    expect(describeFound(await scene.find(aMessageOf({ parentUserId }, 3)))).toBe('identity-conflict');
  });

  it('is not taken from a customer by a BSUID that belongs to another phone', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, { userId, phone: '447700900099' }], scene);

    expect(await tellAll([both], scene)).toEqual(['identity-conflict']);
  });

  it('has nothing to park when no BSUID is named, nor when the BSUID has found its customer', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, both], scene);

    expect(await scene.newFinder().park(aMessageOf(phoneOnly), anEnvelope())).toBe(true);
    expect(await scene.newFinder().park(aMessageOf(both), anEnvelope())).toBe(false);
    expect([...scene.directory.profiles.values()].some(({ parkedAt }) => parkedAt !== undefined)).toBe(false);
  });
});

describe('what finding a customer costs', () => {
  const callsOf = async (directory: MemoryCustomers, step: () => Promise<unknown>) => {
    directory.calls.length = 0;
    await step();
    return [...directory.calls];
  };

  it.each<[string, SenderIdentity, string[]]>([
    ['phone and BSUID', both, ['resolveAlias', 'touch']],
    ['phone', phoneOnly, ['resolveAlias', 'touch']],
    ['BSUID', userOnly, ['touch']],
    ['phone, BSUID and parent', { ...both, parentUserId }, ['resolveAlias', 'resolveAlias', 'touch']],
  ])('is one write, and one alias look-up more at first sight by %s', async (_name, sender, first) => {
    const { directory, find, newFinder } = aScene();
    const finder = newFinder();

    expect(await callsOf(directory, () => find(aMessageOf(sender), finder))).toEqual(first);
    expect(await callsOf(directory, () => find(aMessageOf(sender), finder))).toEqual(['touch']);
  });

  it('is two calls more for a sandbox that meets a customer by another name, and none later', async () => {
    const scene = aScene();
    await tellAll([phoneOnly, both], scene);
    const finder = scene.newFinder();

    expect(await callsOf(scene.directory, () => scene.find(aMessageOf(both), finder))).toEqual([
      'resolveAlias',
      'peek',
      'touch',
    ]);
    expect(await callsOf(scene.directory, () => scene.find(aMessageOf(both), finder))).toEqual(['touch']);
  });

  it('is a look-up again for senders who were forgotten because there are too many', async () => {
    const { directory, find, newFinder } = aScene();
    const finder = newFinder();
    for (let person = 0; person <= 10_000; person += 1)
      await find(aMessageOf({ phone: String(person) }), finder);

    expect(await callsOf(directory, () => find(aMessageOf({ phone: '10000' }), finder))).toEqual(['touch']);
    expect(await callsOf(directory, () => find(aMessageOf({ phone: '0' }), finder))).toEqual([
      'resolveAlias',
      'touch',
    ]);
  });

  it('is a look-up again when the customer has become another’s name since', async () => {
    const scene = aScene();
    const finder = scene.newFinder();
    await scene.find(aMessageOf(phoneOnly));
    await scene.find(aMessageOf(userOnly), finder);
    await scene.find(aMessageOf(both));

    expect(describeFound(await scene.find(aMessageOf(userOnly), finder))).toBe(`${phone}<${phone}`);
  });

  it('has a write for a conversation only when the profile does not hold it', async () => {
    const { directory, find, newFinder } = aScene();
    const finder = newFinder();
    const found = await find(aMessageOf(both), finder);
    if (found.state !== 'found') throw new Error('not found');
    const learn = (held: string | undefined, learned: string | undefined) =>
      callsOf(directory, () =>
        finder.learnConversation(
          '1',
          { ...found.profile, ...(held === undefined ? {} : { conversationId: held }) },
          learned,
        ),
      );

    expect(await learn(undefined, undefined)).toEqual([]);
    expect(await learn('a', 'a')).toEqual([]);
    expect(await learn('a', 'b')).toEqual(['learnConversation']);
  });
});

it('a phone that was only ever written to does not take the place of the customer it turns out to be', async () => {
  const scene = aScene();
  await scene.find(aMessageOf(userOnly));
  await scene.directory.resolveAlias('1', phone, { customerId: phone, at: scene.clock.now() });
  const place = { numberId: '1', customerId: phone, direction: 'out' } as const;
  const fences = new MemoryFences(scene.directory);
  const closed = await fences.close(place, await fences.read(place), scene.clock.now() + 60_000);
  if (closed) await fences.open(place, closed);

  expect(describeFound(await scene.find(aMessageOf(both, 1)))).toBe(`${userId}<${userId}`);
});
