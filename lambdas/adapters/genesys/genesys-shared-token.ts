// One login for all sandboxes: whoever needs a token first asks, the others wait a moment and find it in the store.
// Without the store everybody asks alone, as the promise is to deliver and not to save logins.
import type { Clock, SealedToken, Sleeper, Telemetry, TokenStore } from '../../core/ports.ts';
import type { SealingSecret } from '../token-seal.ts';
import { fingerprintToken, openToken, sealToken } from '../token-seal.ts';

export interface HeldToken {
  token: string;
  /** Epoch ms. */
  refreshAt: number;
}

export interface TokenSharing {
  store: TokenStore;
  clock: Clock;
  sleeper: Sleeper;
  telemetry: Pick<Telemetry, 'problem'>;
}

/** How long one sandbox has the right to ask alone, and how long the others wait for it. */
const holdMs = 5000;
const longestWaitMs = 3000;
const lookAgainMs = 250;

/** @throws whatever `login` throws. */
export async function shareToken(
  credentials: SealingSecret,
  request: { refused?: string; timeoutMs: number; login: () => Promise<HeldToken> },
  sharing: TokenSharing,
): Promise<HeldToken> {
  const { clock, sleeper } = sharing;
  const waitUntil = clock.now() + Math.min(longestWaitMs, request.timeoutMs / 2);
  let refused = request.refused === undefined ? undefined : fingerprintToken(request.refused);
  for (;;) {
    const found = await fetchToken(credentials.clientId, refused, sharing);
    if ('token' in found) {
      const token = openToken(found.token.sealed, credentials);
      if (token !== undefined) return { token, refreshAt: found.token.refreshAt };
      // Sealed with a secret that has been replaced.
      refused = found.token.fingerprint;
    } else if (found.mayAsk || clock.now() >= waitUntil) {
      const fresh = await request.login();
      await saveToken(credentials, fresh, sharing);
      return fresh;
    } else await sleeper.sleep(lookAgainMs);
  }
}

async function fetchToken(
  clientId: string,
  refused: string | undefined,
  { store, clock, telemetry }: TokenSharing,
): Promise<{ token: SealedToken } | { mayAsk: boolean }> {
  try {
    const request = { now: clock.now(), holdMs, ...(refused === undefined ? {} : { refused }) };
    return await store.fetch(clientId, request);
  } catch (error) {
    telemetry.problem('token.not-shared', error);
    return { mayAsk: true };
  }
}

async function saveToken(
  credentials: SealingSecret,
  { token, refreshAt }: HeldToken,
  { store, telemetry }: TokenSharing,
): Promise<void> {
  try {
    const sealed = sealToken(token, credentials);
    await store.save(credentials.clientId, { sealed, fingerprint: fingerprintToken(token), refreshAt });
  } catch (error) {
    telemetry.problem('token.not-shared', error);
  }
}
