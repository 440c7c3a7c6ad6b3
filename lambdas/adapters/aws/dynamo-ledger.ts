import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { LedgerRecord } from '../../core/model/ledger-record.ts';
import type { ClaimWrite } from '../../core/policy/claim.ts';
import type { ClaimRequest, MessageLedger } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';
import { holds, updateIf } from './conditional-update.ts';
import { createDynamoQuotes } from './dynamo-quotes.ts';
import { toRecord } from './ledger-fields.ts';

export interface DynamoLedgerOptions {
  client: DynamoDBDocumentClient;
  table: string;
  /** Days a record is remembered after its last claim. */
  rememberDays: number;
}

const secondsPerDay = 86_400;

// Everything a claim has to know of the past is computed by the database in the same write:
// a claim left open counts as a crash, and taking over a record whose POST had no recorded outcome counts as ambiguous.
const claimUpdate = [
  'SET #status = :inflight, #owner = :owner, leaseUntil = :leaseUntil, #open = :one, #ttl = :ttl',
  'attempts = if_not_exists(attempts, :zero) + :one',
  'firstClaimedAt = if_not_exists(firstClaimedAt, :now)',
  'crashes = if_not_exists(crashes, :zero) + if_not_exists(#open, :zero)',
  '#ambiguous = if_not_exists(#ambiguous, :zero) + if_not_exists(tried, :zero)',
  ...[
    'numberId',
    'messageId',
    'customer',
    'messageType',
    '#sequence',
    'acceptedAt',
    'rawKey',
    'correlationId',
  ].map((field) => `${field} = if_not_exists(${field}, :${field.replace('#', '')})`),
].join(', ');

const claimable =
  'attribute_not_exists(pk) OR #ttl <= :nowSeconds OR (#status = :inflight AND leaseUntil <= :now)';
const parkedToo = `${claimable} OR #status = :parked`;
const stillMine = '#owner = :owner AND #status = :inflight';

export function createDynamoLedger({ client, table, rememberDays }: DynamoLedgerOptions): MessageLedger {
  const readRecord = async (key: string): Promise<LedgerRecord> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { pk: key }, ConsistentRead: true }),
    );
    return toRecord(Item ?? {}, key);
  };

  return {
    claim: (request) =>
      callStore('ledger claim', async (): Promise<ClaimWrite> => {
        try {
          const { Attributes } = await client.send(
            new UpdateCommand(claimCommand(table, rememberDays, request)),
          );
          return { won: true, record: toRecord(Attributes ?? {}, request.key) };
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          // Endpoints that do not return the old item are asked for it.
          const record = error.Item
            ? toRecord(unmarshall(error.Item), request.key)
            : await readRecord(request.key);
          return { won: false, record };
        }
      }),

    begin: (key, owner, { now, leaseUntil, media }) =>
      callStore('ledger begin', () =>
        holds(() =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: { pk: key },
              UpdateExpression: `SET tried = :one, leaseUntil = :leaseUntil${media === undefined ? '' : ', media = :media'}`,
              // A lease that ran out may be another's by the time this write arrives.
              ConditionExpression: `${stillMine} AND leaseUntil > :now`,
              ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner' },
              ExpressionAttributeValues: {
                ':inflight': 'INFLIGHT',
                ':owner': owner,
                ':one': 1,
                ':now': now,
                ':leaseUntil': leaseUntil,
                ...(media === undefined ? {} : { ':media': media }),
              },
            }),
          ),
        ),
      ),

    ...createDynamoQuotes(client, table),

    read: (key) =>
      callStore('ledger read', async () => {
        const { Item } = await client.send(
          new GetCommand({ TableName: table, Key: { pk: key }, ConsistentRead: true }),
        );
        return Item && toRecord(Item, key);
      }),

    settle: (key, owner, settlement) =>
      callStore('ledger settle', async () => {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: { pk: key },
            UpdateExpression:
              'SET #status = :delivered, #owner = :owner, #open = :zero, leaseUntil = :zero, customer = :customer, deliveredAt = :at, placeholder = :placeholder' +
              (settlement.genesysId === undefined ? '' : ', genesysId = :genesysId') +
              (settlement.conversationId === undefined ? '' : ', conversationId = :conversationId') +
              ' REMOVE attention, attentionAt',
            ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner', '#open': 'open' },
            ExpressionAttributeValues: {
              ':delivered': 'DELIVERED',
              ':owner': owner,
              ':zero': 0,
              ':customer': settlement.customer,
              ':at': settlement.at,
              ':placeholder': settlement.placeholder,
              ...(settlement.genesysId === undefined ? {} : { ':genesysId': settlement.genesysId }),
              ...(settlement.conversationId === undefined
                ? {}
                : { ':conversationId': settlement.conversationId }),
            },
          }),
        );
      }),

    release: (key, owner, { keepTried, refusal }) =>
      callStore('ledger release', () =>
        ifStillMine(() =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: { pk: key },
              UpdateExpression:
                'SET leaseUntil = :zero, #open = :zero' +
                (keepTried ? '' : ', tried = :zero') +
                (refusal === undefined ? '' : ', refusal = :refusal'),
              ConditionExpression: stillMine,
              ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner', '#open': 'open' },
              ExpressionAttributeValues: {
                ':inflight': 'INFLIGHT',
                ':owner': owner,
                ':zero': 0,
                ...(refusal === undefined ? {} : { ':refusal': refusal }),
              },
            }),
          ),
        ),
      ),

    park: (key, owner, { customer, reason, at, keepTried }) =>
      callStore('ledger park', () =>
        ifStillMine(() =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: { pk: key },
              UpdateExpression: `SET #status = :parked, reason = :reason, customer = :customer, leaseUntil = :zero, #open = :zero, attention = :parked, attentionAt = :attentionAt${
                keepTried ? '' : ', tried = :zero'
              }`,
              ConditionExpression: stillMine,
              ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner', '#open': 'open' },
              ExpressionAttributeValues: {
                ':inflight': 'INFLIGHT',
                ':parked': 'PARKED',
                ':owner': owner,
                ':reason': reason,
                ':customer': customer,
                ':attentionAt': new Date(at).toISOString(),
                ':zero': 0,
              },
            }),
          ),
        ),
      ),

    reopen: (key, replay, at) =>
      callStore('ledger reopen', () =>
        ifStillMine(() =>
          client.send(
            new UpdateCommand({
              TableName: table,
              Key: { pk: key },
              UpdateExpression:
                'SET #status = :parked, #replay = :replay, crashes = :zero, attention = :parked, attentionAt = :attentionAt REMOVE refusal, media',
              ConditionExpression:
                '#status IN (:failed, :held, :quarantined) AND (attribute_not_exists(#replay) OR #replay < :replay)',
              ExpressionAttributeNames: { '#status': 'status', '#replay': 'replay' },
              ExpressionAttributeValues: {
                ':parked': 'PARKED',
                ':failed': 'FAILED',
                ':held': 'HELD',
                ':quarantined': 'QUARANTINED',
                ':replay': replay,
                ':attentionAt': new Date(at).toISOString(),
                ':zero': 0,
              },
            }),
          ),
        ),
      ),

    finish: (key, owner, { status, reason, customer, at }) =>
      callStore('ledger finish', async () => {
        const { done, item } = await updateIf(client, {
          TableName: table,
          Key: { pk: key },
          UpdateExpression:
            'SET #status = :status, reason = :reason, customer = :customer, endedAt = :at, leaseUntil = :zero, #open = :zero, tried = :zero, attention = :status, attentionAt = :attentionAt',
          ConditionExpression: stillMine,
          ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner', '#open': 'open' },
          ExpressionAttributeValues: {
            ':inflight': 'INFLIGHT',
            ':owner': owner,
            ':status': status,
            ':reason': reason,
            ':customer': customer,
            ':at': at,
            ':attentionAt': new Date(at).toISOString(),
            ':zero': 0,
          },
        });
        // Ended by this very claim, and the answer was lost.
        return done || (item?.owner === owner && item.status === status);
      }),
  };
}

function claimCommand(table: string, rememberDays: number, request: ClaimRequest) {
  const { snippet, forced, receiptTo, fromPark = false, keepTried = false } = request;
  const nowSeconds = Math.floor(request.now / 1000);
  return {
    TableName: table,
    Key: { pk: request.key },
    UpdateExpression:
      claimUpdate +
      (keepTried ? '' : ', tried = :tried') +
      (snippet === undefined ? '' : ', snippet = :snippet') +
      (forced === undefined ? '' : ', forced = :forced') +
      (receiptTo === undefined ? '' : ', receiptTo = if_not_exists(receiptTo, :receiptTo)'),
    ConditionExpression: fromPark ? parkedToo : claimable,
    ExpressionAttributeNames: {
      '#status': 'status',
      '#owner': 'owner',
      '#open': 'open',
      '#ttl': 'ttl',
      '#ambiguous': 'ambiguous',
      '#sequence': 'sequence',
    },
    ExpressionAttributeValues: {
      ':inflight': 'INFLIGHT',
      ':owner': request.owner,
      ':leaseUntil': request.leaseUntil,
      ':now': request.now,
      ':nowSeconds': nowSeconds,
      ':ttl': nowSeconds + rememberDays * secondsPerDay,
      ':zero': 0,
      ':one': 1,
      ':numberId': request.numberId,
      ':messageId': request.messageId,
      ':customer': request.customer,
      ':messageType': request.messageType,
      ':sequence': request.sequence,
      ':acceptedAt': request.acceptedAt,
      ':rawKey': request.rawKey,
      ':correlationId': request.correlationId,
      ...(snippet === undefined ? {} : { ':snippet': snippet }),
      ...(forced === undefined ? {} : { ':forced': forced }),
      ...(receiptTo === undefined ? {} : { ':receiptTo': receiptTo }),
      ...(keepTried ? {} : { ':tried': request.willTry ? 1 : 0 }),
      ...(fromPark ? { ':parked': 'PARKED' } : {}),
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/** A claim that somebody took over in the meantime is theirs to end. */
async function ifStillMine(write: () => Promise<unknown>): Promise<void> {
  await holds(write);
}
