// What a tenant file may hold: every key, its form and its default. All times are in the unit of the key's name.
import type { TemplateRef } from '../../lambdas/runtime/env.ts';
import {
  anyListOf,
  type FieldRule,
  flag,
  listOf,
  mapOf,
  oneOf,
  sectionOf,
  textLike,
  wholeNumber,
} from './field-rules.ts';
import { genesysRegions } from './genesys-regions.ts';
import { languages, phraseNames } from './phrase-names.ts';

/** One WhatsApp number as written in the tenant file. */
export interface TenantNumber {
  channel: 'meta';
  phoneNumberId: string;
  /** Genesys Open Messaging integration that serves this number. */
  integrationId: string;
  /** Suspended numbers are still accepted, not delivered. @default false */
  suspended?: boolean;
}

/** Everything a stage may override. */
export interface TenantSettings {
  /** `eventSource`: partner event source of the Genesys organisation, through which ends of conversations are told. */
  genesys: { region: string; eventSource?: string };
  numbers: TenantNumber[];
  redelivery: { holdSeconds: number; scheduleSeconds: number[]; horizonSeconds: number };
  timing: {
    /** Longest time one message may take at Genesys; with media, `mediaDeadlineSeconds` comes before it. @default 10 */
    postTimeoutSeconds: number;
    /** Less where `workerTimeoutSeconds` leaves less. */
    mediaDeadlineSeconds: number;
    leaseSeconds: number;
    workerTimeoutSeconds: number;
    visibilitySeconds: number;
    backoffBaseSeconds: number;
    backoffCapSeconds: number;
  };
  retention: { rawDays: number; mediaDays: number; ledgerDays: number; profileDays: number; logDays: number };
  limits: { requestsPerSecond: number; burst: number; workerConcurrency: number };
  /** `requestsPerMinute`: what the tenant may use of Genesys' allowance per OAuth client, which is 300 unless raised. */
  pacing: { requestsPerMinute: number };
  aws: { account?: string; region?: string };
  /** How agents' messages go to customers; the fields are explained where functions read them. */
  outbound: {
    graphVersion: string;
    typing: boolean;
    statusWaitSeconds: number;
    reengagement?: TemplateRef;
    templates: Record<string, TemplateRef>;
  };
  /** What happens around the ends of conversations. */
  conversations: { closingText?: string; stopWords: string[]; idleHours?: number };
  /** Language of the bridge's own words to agents. */
  language: string;
  /** Phrases that replace those of the language, by name. */
  phrases: Record<string, string>;
}

/** Some of the settings; lists are given whole. */
export type PartialSettings = {
  [Section in keyof TenantSettings]?: TenantSettings[Section] extends unknown[]
    ? TenantSettings[Section]
    : Partial<TenantSettings[Section]>;
};

/** Used where neither the file nor the stage says otherwise. */
export const defaultSettings = {
  redelivery: { holdSeconds: 60, scheduleSeconds: [60, 300, 900, 3600], horizonSeconds: 86_400 },
  timing: {
    postTimeoutSeconds: 10,
    mediaDeadlineSeconds: 45,
    leaseSeconds: 30,
    workerTimeoutSeconds: 120,
    visibilitySeconds: 150,
    backoffBaseSeconds: 2,
    backoffCapSeconds: 900,
  },
  retention: { rawDays: 90, mediaDays: 90, ledgerDays: 35, profileDays: 400, logDays: 30 },
  limits: { requestsPerSecond: 200, burst: 400, workerConcurrency: 10 },
  pacing: { requestsPerMinute: 300 },
  aws: {},
  outbound: { graphVersion: 'v25.0', typing: true, statusWaitSeconds: 900, templates: {} },
  conversations: { stopWords: [] },
  language: 'en',
  phrases: {},
} satisfies PartialSettings;

/** The stand-in of the local run allows everything until it is told otherwise, and then says so. */
export const localPacing = { requestsPerMinute: 60_000 };

// What AWS accepts: visibility up to 12 h, functions up to 15 min, event source concurrency from 2.
const longestWaitSeconds = 43_200;
const longestFunctionSeconds = 900;
// Lambda keeps its logs in CloudWatch, which knows these retentions only.
const logRetentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653];
/** Meta redelivers for 7 days, queues keep 14 days, and replay needs its share: a shorter memory delivers twice. */
const shortestLedgerDays = 35;

const oneNumber = sectionOf(
  {
    channel: oneOf(['meta']),
    phoneNumberId: textLike(/^[0-9]{1,20}$/, 'the id of the WhatsApp number, 1 to 20 digits in quotes'),
    integrationId: textLike(
      /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
      'the id of the Genesys Open Messaging integration, a UUID',
    ),
    suspended: flag,
  },
  ['channel', 'phoneNumberId', 'integrationId'],
);

const templateRef = sectionOf(
  {
    name: textLike(/^[a-z0-9_]{1,512}$/, 'the name of a template at Meta, lower-case letters, digits and _'),
    language: textLike(/^[a-z]{2,3}(_[A-Z]{2})?$/, 'a language code as Meta has it, such as en_GB'),
  },
  ['name', 'language'],
);
const oneLine = (longest: number) =>
  textLike(new RegExp(`^\\S[^\\n\\r]{0,${longest - 1}}$`), `one line of 1 to ${longest} characters`);
const onePhrase = oneLine(200);
const days = wholeNumber(1, 3650);
const seconds = wholeNumber(1, longestWaitSeconds);

/** Rules of every section that the file and each of its stages may hold. */
export const settingsRules: Record<keyof TenantSettings, FieldRule> = {
  genesys: sectionOf({
    region: oneOf(genesysRegions),
    eventSource: textLike(
      /^aws\.partner\/genesys\.com\/[\w.\-/]{1,200}$/,
      'the name of a partner event source, aws.partner/genesys.com/…',
    ),
  }),
  numbers: listOf(oneNumber),
  redelivery: sectionOf({
    holdSeconds: seconds,
    scheduleSeconds: listOf(wholeNumber(1, 7 * 86_400)),
    horizonSeconds: wholeNumber(1, 14 * 86_400),
  }),
  timing: sectionOf({
    postTimeoutSeconds: wholeNumber(1, longestFunctionSeconds),
    mediaDeadlineSeconds: wholeNumber(1, 60),
    leaseSeconds: seconds,
    workerTimeoutSeconds: wholeNumber(1, longestFunctionSeconds),
    visibilitySeconds: seconds,
    backoffBaseSeconds: seconds,
    backoffCapSeconds: seconds,
  }),
  retention: sectionOf({
    rawDays: days,
    mediaDays: days,
    ledgerDays: wholeNumber(shortestLedgerDays, 3650),
    profileDays: days,
    logDays: oneOf(logRetentionDays),
  }),
  limits: sectionOf({
    requestsPerSecond: wholeNumber(1, 10_000),
    burst: wholeNumber(1, 5_000),
    workerConcurrency: wholeNumber(2, 1_000),
  }),
  pacing: sectionOf({ requestsPerMinute: wholeNumber(1, 100_000) }),
  aws: sectionOf({
    account: textLike(/^[0-9]{12}$/, 'an AWS account id, 12 digits in quotes'),
    region: textLike(/^[a-z]{2,5}(-[a-z]+)+-[0-9]$/, 'an AWS region such as eu-west-1'),
  }),
  outbound: sectionOf({
    graphVersion: textLike(/^v[1-9][0-9]?\.0$/, 'a version of the Graph API such as v25.0'),
    typing: flag,
    statusWaitSeconds: wholeNumber(1, 86_400),
    reengagement: templateRef,
    templates: mapOf(/^[\w.:-]{1,100}$/, 'the id of a template at Genesys', templateRef),
  }),
  conversations: sectionOf({
    closingText: oneLine(1000),
    stopWords: anyListOf(oneLine(50)),
    idleHours: wholeNumber(1, 24 * 30),
  }),
  language: oneOf(languages),
  phrases: sectionOf(Object.fromEntries(phraseNames.map((name) => [name, onePhrase]))),
};
