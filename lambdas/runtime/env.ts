// The names of every environment variable, shared by the constructs that set them and the handlers that read them.
// Import-free on purpose: infrastructure may import this file and no other from lambdas/.

/** Names of the variables a function may be given. */
export const Env = {
  tenant: 'TENANT',
  stage: 'STAGE',
  /** JSON `NumberConfig[]`. */
  numbers: 'NUMBERS',
  /** Genesys Cloud domain, e.g. `euw2.pure.cloud`. */
  genesysRegion: 'GENESYS_REGION',
  inboundQueueUrl: 'INBOUND_QUEUE_URL',
  receiptsQueueUrl: 'RECEIPTS_QUEUE_URL',
  outboundQueueUrl: 'OUTBOUND_QUEUE_URL',
  /** ARN of the state machine that drains one fenced customer. */
  redeliveryMachineArn: 'REDELIVERY_MACHINE_ARN',
  /** JSON `RedeliveryConfig`. */
  redelivery: 'REDELIVERY',
  /** JSON `OutboundConfig`. */
  outbound: 'OUTBOUND',
  /** JSON `ConversationConfig`. */
  conversations: 'CONVERSATIONS',
  ledgerTable: 'LEDGER_TABLE',
  customersTable: 'CUSTOMERS_TABLE',
  archiveBucket: 'ARCHIVE_BUCKET',
  /** Days raw webhooks are kept. */
  archiveDays: 'ARCHIVE_DAYS',
  /** Base URL of the public routes, without a trailing slash. */
  publicUrl: 'PUBLIC_URL',
  /** Name of the parameter with the runtime switches. */
  switchesParameter: 'SWITCHES_PARAMETER',
  /** JSON `TimingConfig`. */
  timing: 'TIMING',
  /** Requests per minute the tenant may make to Genesys. */
  requestsPerMinute: 'REQUESTS_PER_MINUTE',
  /** JSON `PhraseConfig`. */
  phrases: 'PHRASES',
  /** Set by the local run only, and read only when the stage is `local`: base URL of the Genesys stand-in. */
  localGenesysUrl: 'LOCAL_GENESYS_URL',
  /** As above, for the Meta stand-in. */
  localMetaUrl: 'LOCAL_META_URL',
} as const;

/** Namespace of every metric of the bridge. */
export const metricNamespace = 'WhatsAppGenesysBridge';

/** One WhatsApp number of the tenant, as handed to functions. */
export interface NumberConfig {
  channel: 'meta';
  phoneNumberId: string;
  integrationId: string;
  /** Name of the Secrets Manager secret of this number. */
  secretId: string;
  suspended: boolean;
}

/** Timing of the worker, all in milliseconds. */
export interface TimingConfig {
  /** Total deadline of one POST to Genesys, headers and body. */
  postTimeoutMs: number;
  /** How long a claim excludes others; longer than `postTimeoutMs`. */
  leaseMs: number;
  /** Longest time spent on fetching the media of one message. */
  mediaDeadlineMs: number;
  /** First delay of the back-off after a failed delivery. */
  backoffBaseMs: number;
  /** Longest delay of the back-off. */
  backoffCapMs: number;
  /** How long short trouble keeps a message in the queue. */
  holdMs: number;
  /** Days a ledger record is remembered. */
  ledgerDays: number;
  /** Days a profile is remembered after the last activity. */
  profileDays: number;
}

/** When parked messages are tried again, all in milliseconds. */
export interface RedeliveryConfig {
  /** Delays of the attempts in a row without progress; the last one repeats. */
  scheduleMs: readonly number[];
  /** How long after its acceptance a message is worth delivering. */
  horizonMs: number;
}

/** A message template approved at Meta. */
export interface TemplateRef {
  name: string;
  /** Language code as Meta has it, e.g. `en_GB`. */
  language: string;
}

/** How agents' messages go to customers. */
export interface OutboundConfig {
  /** Version of the Graph API, e.g. `v25.0`. */
  graphVersion: string;
  /** Whether customers see that an agent types; each time marks their messages as read. */
  typing: boolean;
  /** Sent in place of what comes outside WhatsApp's 24 h window; without it the agent is told that it was not sent. */
  reengagement?: TemplateRef;
  /** Genesys notification or canned template, by its id, to the template at Meta. */
  templates: Readonly<Record<string, TemplateRef>>;
  /** How long a message with an unknown outcome waits for a status before the agent is told that its fate is unknown. */
  statusWaitMs: number;
}

/** What happens around the ends of conversations. */
export interface ConversationConfig {
  /** Sent to the customer when the agent's side ends the conversation. */
  closingText?: string;
  /** Texts with which a customer ends the conversation, compared whole and without regard to case. */
  stopWords: readonly string[];
  /** A conversation is over when the customer has not written for so long. */
  idleMs?: number;
}

/** The bridge's own words to agents. */
export interface PhraseConfig {
  /** Code of a language there is a set of phrases for. */
  language: string;
  /** Phrases of the tenant, by name. */
  overrides: Record<string, string>;
}

/** @throws Error naming the variable when it is missing or empty: a bad deployment dies at start, not at the first message. */
export function requireEnv(name: string, env: Record<string, string | undefined> = process.env): string {
  const value = env[name];
  if (!value) throw new Error(`environment variable ${name} is not set`);
  return value;
}
