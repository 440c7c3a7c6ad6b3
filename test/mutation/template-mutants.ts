// What is broken in the template, one property at a time, and the scenario that has to notice.
import type { Scenario } from './scenario.ts';
import { unreadableInbound, unreadableOutbound } from './scenarios/dead-letters.ts';
import { dialogue } from './scenarios/dialogue.ts';
import { customerExpiry, ledgerExpiry } from './scenarios/expiry.ts';
import { crowd, ordinaryTrouble, workerDies } from './scenarios/inbound.ts';
import { hiccup, lostRun, outage, storeAway } from './scenarios/redelivery.ts';
import type { TemplateEdit } from './template-edit.ts';

export interface TemplateMutant {
  name: string;
  edit: TemplateEdit;
  scenario: Scenario;
  /** Played on every change, not only at night. */
  quick?: true;
  /** AWS would refuse the template, and so must the local run, with these words. */
  refused?: RegExp;
  /** Why nothing can be noticed here: equivalent, or a property of AWS alone. The scenario has to pass. */
  unnoticed?: string;
}

const off = undefined;
const states = (...path: (string | number)[]) => ['DefinitionString', 'States', ...path];
const variable = (name: string, ...path: string[]) => ['Environment', 'Variables', name, ...path];

export const templateMutants: readonly TemplateMutant[] = [
  // The inbound queue
  {
    name: 'the inbound queue is not FIFO',
    edit: { resource: 'QueuesInboundQueue', path: ['FifoQueue'], to: off },
    scenario: ordinaryTrouble,
    refused: /inbound\.fifo.*name/,
  },
  {
    name: 'duplicates are recognised across the groups of the inbound queue',
    edit: { resource: 'QueuesInboundQueue', path: ['DeduplicationScope'], to: 'queue' },
    scenario: ordinaryTrouble,
    refused: /perMessageGroupId/,
  },
  {
    name: 'an inbound message becomes a dead letter after two receives',
    edit: { resource: 'QueuesInboundQueue', path: ['RedrivePolicy', 'maxReceiveCount'], to: 2 },
    scenario: ordinaryTrouble,
  },
  {
    name: 'the inbound queue has no dead letters',
    edit: { resource: 'QueuesInboundQueue', path: ['RedrivePolicy'], to: off },
    scenario: unreadableInbound,
  },
  {
    name: 'inbound dead letters go to a queue that nobody reads',
    edit: {
      resource: 'QueuesInboundQueue',
      path: ['RedrivePolicy', 'deadLetterTargetArn'],
      to: { 'Fn::Join': ['', ['arn:aws:sqs:eu-west-1:000000000000:mutants-local-receipts-dead.fifo']] },
    },
    scenario: unreadableInbound,
  },
  {
    name: 'the outbound queue has no dead letters',
    edit: { resource: 'QueuesOutboundQueue', path: ['RedrivePolicy'], to: off },
    scenario: unreadableOutbound,
  },
  {
    name: 'inbound messages come back while they are worked on',
    edit: { resource: 'QueuesInboundQueue', path: ['VisibilityTimeout'], to: 1 },
    scenario: ordinaryTrouble,
    refused: /visibility/,
  },
  {
    name: 'inbound messages come back after twelve hours',
    edit: { resource: 'QueuesInboundQueue', path: ['VisibilityTimeout'], to: 43_200 },
    scenario: workerDies,
    quick: true,
  },
  {
    name: 'the inbound queue makes deduplication ids of contents',
    edit: { resource: 'QueuesInboundQueue', path: ['ContentBasedDeduplication'], to: true },
    scenario: ordinaryTrouble,
    unnoticed: 'equivalent: every message is sent with a deduplication id of its own, which comes first',
  },
  {
    name: 'the throughput of the inbound queue is limited as a whole',
    edit: { resource: 'QueuesInboundQueue', path: ['FifoThroughputLimit'], to: 'perQueue' },
    scenario: ordinaryTrouble,
    unnoticed: 'a quota of AWS, 300 calls per second instead of thousands; nothing here throttles by it',
  },
  {
    name: 'inbound dead letters go to the outbound dead letters',
    edit: {
      resource: 'QueuesInboundQueue',
      path: ['RedrivePolicy', 'deadLetterTargetArn'],
      to: { 'Fn::Join': ['', ['arn:aws:sqs:eu-west-1:000000000000:mutants-local-outbound-dead.fifo']] },
    },
    scenario: unreadableInbound,
    unnoticed:
      'equivalent but for the name of the alarm: one function reads both, and takes the direction from the message',
  },
  // What reads the queues
  {
    name: 'one failed inbound message passes for done',
    edit: { resource: 'InboundPipelineWorkerSource', path: ['FunctionResponseTypes'], to: off },
    scenario: ordinaryTrouble,
    quick: true,
  },
  {
    name: 'the inbound worker gets one message at a time',
    edit: { resource: 'InboundPipelineWorkerSource', path: ['BatchSize'], to: 1 },
    scenario: crowd,
    quick: true,
  },
  {
    name: 'the inbound worker gets more at a time than FIFO queues allow',
    edit: { resource: 'InboundPipelineWorkerSource', path: ['BatchSize'], to: 100 },
    scenario: crowd,
    refused: /batch/,
  },
  {
    name: 'nothing reads the inbound queue',
    edit: { resource: 'InboundPipelineWorkerSource', path: ['Enabled'], to: false },
    scenario: ordinaryTrouble,
  },
  {
    name: 'one failed outbound message passes for done',
    edit: { resource: 'OutboundPipelineWorkerSource', path: ['FunctionResponseTypes'], to: off },
    scenario: dialogue,
  },
  {
    name: 'nothing reads the outbound queue',
    edit: { resource: 'OutboundPipelineWorkerSource', path: ['Enabled'], to: false },
    scenario: dialogue,
  },
  {
    name: 'one failed receipt passes for done',
    edit: { resource: 'ReceiptsPipelineWorkerSource', path: ['FunctionResponseTypes'], to: off },
    scenario: dialogue,
  },
  {
    name: 'nothing reads the receipts queue',
    edit: { resource: 'ReceiptsPipelineWorkerSource', path: [], to: off },
    scenario: dialogue,
    quick: true,
  },
  {
    name: 'nothing reads the inbound dead letters',
    edit: { resource: 'RedeliveryDeadLettersInbound', path: [], to: off },
    scenario: unreadableInbound,
  },
  {
    name: 'nothing reads the outbound dead letters',
    edit: { resource: 'RedeliveryDeadLettersOutbound', path: [], to: off },
    scenario: unreadableOutbound,
  },
  // Functions and routes
  {
    name: 'the inbound worker is ended after a second',
    edit: { resource: 'InboundPipelineWorkerFunction', path: ['Timeout'], to: 1 },
    scenario: ordinaryTrouble,
  },
  {
    name: 'the inbound worker may run longer than its messages stay hidden',
    edit: { resource: 'InboundPipelineWorkerFunction', path: ['Timeout'], to: 60 },
    scenario: ordinaryTrouble,
    refused: /visibility/,
  },
  {
    name: 'the webhook of Meta has no route',
    edit: { resource: 'WebhookDoorsApiPOSTwebhookmeta', path: [], to: off },
    scenario: ordinaryTrouble,
  },
  {
    name: 'the webhook of Genesys has no route',
    edit: { resource: 'WebhookDoorsApiPOSTwebhookgenesysintegrationId', path: [], to: off },
    scenario: dialogue,
  },
  // Redelivery
  {
    name: 'nothing of redelivery is caught',
    edit: { resource: 'RedeliveryRunsMachine', path: states('Drain', 'Catch'), to: off },
    scenario: storeAway,
    refused: /WaitAfterFailure is not reachable/,
  },
  {
    name: 'of redelivery only what takes too long is caught',
    edit: {
      resource: 'RedeliveryRunsMachine',
      path: states('Drain', 'Catch', 0, 'ErrorEquals'),
      to: ['States.Timeout'],
    },
    scenario: storeAway,
  },
  {
    name: 'a failed attempt of redelivery is not repeated',
    edit: { resource: 'RedeliveryRunsMachine', path: states('Drain', 'Retry'), to: off },
    scenario: hiccup,
  },
  {
    name: 'a run of redelivery ends while messages wait',
    edit: { resource: 'RedeliveryRunsMachine', path: states('Choose', 'Choices', 0, 'Next'), to: 'Done' },
    scenario: outage,
    quick: true,
  },
  {
    name: 'a run of redelivery goes on when nothing waits any more',
    edit: { resource: 'RedeliveryRunsMachine', path: states('Choose', 'Choices', 1, 'Next'), to: 'Wait' },
    scenario: outage,
  },
  {
    name: 'redelivery does not wait between its attempts',
    edit: {
      resource: 'RedeliveryRunsMachine',
      path: states('Wait'),
      to: { Type: 'Wait', Seconds: 0, Next: 'Drain' },
    },
    scenario: outage,
  },
  {
    name: 'redelivery waits an hour between its attempts',
    edit: {
      resource: 'RedeliveryRunsMachine',
      path: states('Wait'),
      to: { Type: 'Wait', Seconds: 3600, Next: 'Drain' },
    },
    scenario: outage,
  },
  {
    name: 'the attempts of redelivery are told to come an hour apart',
    edit: {
      resource: 'RedeliveryDrainFunction',
      path: variable('REDELIVERY', 'scheduleMs'),
      to: [3_600_000],
    },
    scenario: outage,
  },
  {
    name: 'redelivery is told to give up after a second',
    edit: { resource: 'RedeliveryDrainFunction', path: variable('REDELIVERY', 'horizonMs'), to: 1000 },
    scenario: outage,
  },
  {
    name: 'the first attempt of redelivery is told to come after an hour',
    edit: {
      resource: 'InboundPipelineWorkerFunction',
      path: variable('REDELIVERY', 'scheduleMs'),
      to: [3_600_000],
    },
    scenario: outage,
  },
  {
    name: 'the sweep is not scheduled',
    edit: { resource: 'RedeliverySweepSchedule', path: ['State'], to: 'DISABLED' },
    scenario: lostRun,
  },
  {
    name: 'the schedule of the sweep calls nobody',
    edit: { resource: 'RedeliverySweepSchedule', path: ['Targets'], to: [] },
    scenario: lostRun,
  },
  {
    name: 'closed fences are in no index',
    edit: {
      resource: 'TablesCustomers',
      path: ['GlobalSecondaryIndexes'],
      to: (before: unknown) =>
        (before as { IndexName: string }[]).filter(({ IndexName }) => IndexName !== 'in-fences'),
    },
    scenario: lostRun,
  },
  // Expiry
  {
    name: 'ledger records expire by an attribute that nobody writes',
    edit: { resource: 'TablesLedger', path: ['TimeToLiveSpecification', 'AttributeName'], to: 'expiresAt' },
    scenario: ledgerExpiry,
  },
  {
    name: 'nothing of a customer expires',
    edit: { resource: 'TablesCustomers', path: ['TimeToLiveSpecification', 'Enabled'], to: false },
    scenario: customerExpiry,
  },
];
