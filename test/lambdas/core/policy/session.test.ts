import { beginsAnew, isIdle } from '../../../../lambdas/core/policy/session.ts';

const hour = 3_600_000;
const seen = { previousInboundAt: 1000, lastInboundAt: 1000 + hour };

it.each([
  ['after exactly the silence that ends one', seen, 1000 + hour, hour, true],
  ['a moment earlier', seen, 1000 + hour, hour + 1, false],
  ['where no silence ends one', seen, 1000 + hour, undefined, false],
  ['for a message that comes late', seen, 1000, hour, false],
  ['for the first message of all', { lastInboundAt: 1000 + hour }, 1000 + hour, hour, false],
])('a session begins anew %s: %#', (_when, profile, at, idleMs, expected) => {
  expect(beginsAnew(profile, at, idleMs)).toBe(expected);
});

it.each([
  [hour, hour, true],
  [hour - 1, hour, false],
  [hour, undefined, false],
])('a customer silent for %i ms, of %p allowed, is idle: %p', (silentMs, idleMs, expected) => {
  expect(isIdle({ lastInboundAt: 1000 }, 1000 + silentMs, idleMs)).toBe(expected);
});
