// How long AWS takes, as declared by two percentiles: delays of a log-normal distribution that has both.

export interface Latency {
  p50Ms: number;
  p99Ms: number;
}

/** Standard deviations from the median to the 99th percentile of a normal distribution. */
const p99Deviations = 2.3263;

/** Delays in ms, the same ones for the same seed. */
export function createDelays({ p50Ms, p99Ms }: Latency, seed: number): () => number {
  const next = createRandom(seed);
  const sigma = Math.log(p99Ms / p50Ms) / p99Deviations;
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return p50Ms * Math.exp(sigma * radius * Math.cos(2 * Math.PI * next()));
  };
}

/** Uniform in [0, 1) (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
