// Reads the environment once, at cold start: a bad deployment dies there and not at the first message.
import type {
  ConversationConfig,
  NumberConfig,
  OutboundConfig,
  PhraseConfig,
  RedeliveryConfig,
  TimingConfig,
} from './env.ts';
import { Env, requireEnv } from './env.ts';

type Environment = Record<string, string | undefined>;

export interface FunctionSettings {
  tenant: string;
  stage: string;
  functionName: string;
  numbers: readonly NumberConfig[];
}

export function readSettings(env: Environment = process.env): FunctionSettings {
  return {
    tenant: requireEnv(Env.tenant, env),
    stage: requireEnv(Env.stage, env),
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? 'function',
    numbers: readJson<NumberConfig[]>(Env.numbers, env),
  };
}

export function readTiming(env: Environment = process.env): TimingConfig {
  return readJson<TimingConfig>(Env.timing, env);
}

/** Requests per minute the tenant may make to Genesys. */
export function readRequestsPerMinute(env: Environment = process.env): number {
  return requireCount(Env.requestsPerMinute, env);
}

/** Days raw webhooks are kept. */
export function readArchiveDays(env: Environment = process.env): number {
  return requireCount(Env.archiveDays, env);
}

export function readPhraseConfig(env: Environment = process.env): PhraseConfig {
  return readJson<PhraseConfig>(Env.phrases, env);
}

export function readRedelivery(env: Environment = process.env): RedeliveryConfig {
  return readJson<RedeliveryConfig>(Env.redelivery, env);
}

export function readOutbound(env: Environment = process.env): OutboundConfig {
  return readJson<OutboundConfig>(Env.outbound, env);
}

export function readConversations(env: Environment = process.env): ConversationConfig {
  return readJson<ConversationConfig>(Env.conversations, env);
}

/** The stand-ins of a local run; undefined on every other stage, whatever the environment says. */
export function readLocalProviders(
  env: Environment = process.env,
): { genesysUrl: string; metaUrl: string } | undefined {
  if (env[Env.stage] !== 'local') return undefined;
  return { genesysUrl: requireEnv(Env.localGenesysUrl, env), metaUrl: requireEnv(Env.localMetaUrl, env) };
}

function requireCount(name: string, env: Environment): number {
  const value = Number(requireEnv(name, env));
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`environment variable ${name} is not a whole number above 0`);
}

function readJson<T>(name: string, env: Environment): T {
  try {
    return JSON.parse(requireEnv(name, env)) as T;
  } catch (error) {
    throw new Error(`environment variable ${name} is not usable`, { cause: error });
  }
}
