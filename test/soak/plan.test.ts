import { type Lane, makePlan, type Step } from '../../soak/plan.ts';

const file = { id: '1', sha256: 'x', mime_type: 'image/jpeg' };
const plan = (over: object = {}): Lane[] =>
  makePlan({
    seed: 7,
    webhooks: 400,
    lanes: 4,
    phoneNumberId: '1001',
    file,
    writtenAt: 1_795_000_000,
    ...over,
  });
const stepsOf = (lanes: readonly Lane[]): Step[] =>
  lanes.flatMap(({ greetings, steps }) => [...greetings, ...steps]);
const webhooksOf = (steps: readonly Step[]) =>
  steps.flatMap((step) => (step.kind === 'webhook' ? [step] : []));

describe('the plan of a soak', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(plan()).toEqual(plan());
    expect(plan({ seed: 8 })).not.toEqual(plan());
  });

  it('has as many webhooks as asked for, besides one greeting of each customer', () => {
    const lanes = plan();

    expect(webhooksOf(lanes.flatMap(({ steps }) => steps))).toHaveLength(400);
    for (const { customers, greetings } of lanes)
      expect(
        webhooksOf(greetings).flatMap(({ messages }) => messages.map(({ customer }) => customer)),
      ).toEqual(customers.map(({ name }) => name));
  });

  it('gives every message an id of its own, and no customer to two lanes', () => {
    const lanes = plan();
    const fresh = webhooksOf(stepsOf(lanes)).filter(({ repeat }) => !repeat);
    const ids = [
      ...fresh.flatMap(({ messages }) => messages.map(({ id }) => id)),
      ...stepsOf(lanes).flatMap((step) =>
        step.kind === 'forged' ? step.ids : step.kind === 'reply' ? [step.id] : [],
      ),
    ];
    const names = lanes.flatMap(({ customers }) => customers.map(({ name }) => name));

    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(names).size).toBe(names.length);
  });

  it('writes batches, kinds, repeats, forged ones and replies', () => {
    const steps = stepsOf(plan());
    const webhooks = webhooksOf(steps);
    const types = new Set(
      webhooks.flatMap(({ body }) => [...body.matchAll(/"type":"(\w+)"/g)].map(([, type]) => type)),
    );

    expect(webhooks.some(({ messages }) => new Set(messages.map(({ customer }) => customer)).size > 1)).toBe(
      true,
    );
    expect([...types]).toEqual(
      expect.arrayContaining([
        'text',
        'image',
        'document',
        'location',
        'contacts',
        'interactive',
        'reaction',
      ]),
    );
    for (const { body } of webhooks.filter(({ repeat }) => repeat))
      expect(webhooks.filter((other) => other.body === body).length).toBeGreaterThan(1);
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['webhook', 'forged', 'reply']));
  });
});
