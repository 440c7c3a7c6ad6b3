// Stops asking before Meta stops answering. Quirk(meta): 20 error answers to media look-ups within an hour are said to
// close the endpoint for half an hour, for good media too.

const windowMs = 60 * 60_000;
const restMs = 30 * 60_000;
const mostErrors = 20;

/** Counts error answers per number; what it knows is shared by everything in this sandbox. */
export class ErrorBrake {
  readonly #errors = new Map<string, number[]>();
  readonly #restUntil = new Map<string, number>();

  isOn(numberId: string, now: number): boolean {
    return (this.#restUntil.get(numberId) ?? 0) > now;
  }

  addError(numberId: string, now: number): void {
    const recent = (this.#errors.get(numberId) ?? []).filter((at) => at > now - windowMs);
    recent.push(now);
    const isFull = recent.length >= mostErrors;
    if (isFull) this.#restUntil.set(numberId, now + restMs);
    this.#errors.set(numberId, isFull ? [] : recent);
  }
}
