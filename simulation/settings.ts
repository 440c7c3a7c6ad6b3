// The deployment that is simulated: one number, with the timing of an ordinary tenant file.

export const numberId = '1';
export const startAt = Date.UTC(2026, 10, 20);

export const timing = {
  leaseMs: 30_000,
  postTimeoutMs: 12_000,
  mediaDeadlineMs: 45_000,
  backoffBaseMs: 2000,
  backoffCapMs: 60_000,
  holdMs: 60_000,
};

export const functionTimeoutMs = 120_000;
export const visibilityMs = 150_000;
export const maxReceiveCount = 20;

export const redelivery = {
  scheduleMs: [60_000, 300_000, 900_000, 3_600_000],
  horizonMs: 14_400_000,
};

/** How often stuck fences are looked for. */
export const sweepEveryMs = 300_000;
