// Turns the settings of a stage into what functions are told through their environment.
import type {
  ConversationConfig,
  NumberConfig,
  OutboundConfig,
  PhraseConfig,
  RedeliveryConfig,
  TimingConfig,
} from '../../lambdas/runtime/env.ts';
import { type Deployment, nameSecret } from './names.ts';
import type { TenantNumber, TenantSettings } from './tenant-fields.ts';

/** The numbers as functions see them: with the name of their secret. */
export function toNumberConfigs(deployment: Deployment, numbers: readonly TenantNumber[]): NumberConfig[] {
  return numbers.map(({ channel, phoneNumberId, integrationId, suspended = false }) => ({
    channel,
    phoneNumberId,
    integrationId,
    secretId: nameSecret(deployment, phoneNumberId),
    suspended,
  }));
}

/** Language and own phrases of the tenant. */
export function toPhraseConfig({ language, phrases }: TenantSettings): PhraseConfig {
  return { language, overrides: phrases };
}

/** The worker's timing, seconds turned into milliseconds. */
export function toTimingConfig({ timing, retention, redelivery }: TenantSettings): TimingConfig {
  return {
    postTimeoutMs: timing.postTimeoutSeconds * 1000,
    mediaDeadlineMs: toMediaSeconds(timing) * 1000,
    leaseMs: timing.leaseSeconds * 1000,
    backoffBaseMs: timing.backoffBaseSeconds * 1000,
    backoffCapMs: timing.backoffCapSeconds * 1000,
    holdMs: redelivery.holdSeconds * 1000,
    ledgerDays: retention.ledgerDays,
    profileDays: retention.profileDays,
  };
}

/** What a worker keeps for coming to a file at all, and for the writes after it. */
const writingSeconds = 3;

/** No worker begins what it may not be able to end, so a file gets no more time than is left beside the POST. */
function toMediaSeconds({
  mediaDeadlineSeconds,
  workerTimeoutSeconds,
  postTimeoutSeconds,
}: TenantSettings['timing']): number {
  const leftSeconds = workerTimeoutSeconds - postTimeoutSeconds - writingSeconds;
  return Math.min(mediaDeadlineSeconds, Math.max(leftSeconds, 1));
}

/** When parked messages are tried again, seconds turned into milliseconds. */
export function toRedeliveryConfig({ redelivery }: TenantSettings): RedeliveryConfig {
  return {
    scheduleMs: redelivery.scheduleSeconds.map((seconds) => seconds * 1000),
    horizonMs: redelivery.horizonSeconds * 1000,
  };
}

/** How agents' messages go to customers. */
export function toOutboundConfig({ outbound, redelivery }: TenantSettings): OutboundConfig {
  const { statusWaitSeconds, ...same } = outbound;
  // Beyond the horizon a message is given up in any case.
  return { ...same, statusWaitMs: Math.min(statusWaitSeconds, redelivery.horizonSeconds) * 1000 };
}

/** What happens around the ends of conversations. */
export function toConversationConfig({ conversations }: TenantSettings): ConversationConfig {
  const { idleHours, ...same } = conversations;
  return { ...same, ...(idleHours !== undefined && { idleMs: idleHours * 3_600_000 }) };
}
