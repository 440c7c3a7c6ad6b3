import { makeWebhookBody } from '../../bench/webhook-body.ts';
import { splitWebhook } from '../../lambdas/core/convert/meta/wire.ts';

const shape = { phoneNumberId: '106540352242922', series: 'test' };

test('a webhook holds the messages of as many customers as asked for', () => {
  const content = splitWebhook(JSON.parse(makeWebhookBody({ ...shape, messages: 10, customers: 5 })));

  expect(content).toMatchObject({ messages: 10, malformed: 0 });
  expect(content.groups.map(({ items }) => items.length)).toEqual([2, 2, 2, 2, 2]);
  expect(content.groups[0]?.items[0]).toMatchObject({
    userId: expect.stringMatching(/^GB\./),
    phone: expect.stringMatching(/^\d+$/),
    name: expect.any(String),
    username: expect.stringMatching(/^@/),
  });
});

test('a message takes about one kilobyte, in ASCII as Meta sends it', () => {
  const body = makeWebhookBody({ ...shape, messages: 100, customers: 100 });

  expect(body.length / 100).toBeGreaterThan(900);
  expect(body.length / 100).toBeLessThan(1200);
  expect(body).toMatch(/^[ -~]*$/);
});

test('no two messages of one or several webhooks have the same id', () => {
  const ids = ['one', 'other'].flatMap((series) => {
    const body = JSON.parse(makeWebhookBody({ ...shape, series, messages: 20, customers: 2 }));
    return splitWebhook(body).groups.flatMap(({ items }) => items.map(({ id }) => id));
  });

  expect(new Set(ids).size).toBe(40);
});
