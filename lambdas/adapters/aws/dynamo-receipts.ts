// What was heard of messages after they were handed over, kept in their ledger records beside the claim.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { sentKey } from '../../core/model/ledger-record.ts';
import type { ReceiptClaim, ReceiptLedger } from '../../core/outbound-ports.ts';
import { callStore } from './aws-errors.ts';
import type { StoredItem } from './conditional-update.ts';
import { updateIf } from './conditional-update.ts';
import { readReceipt, toRecord } from './ledger-fields.ts';

/** What leads from a wamid to its message, not a message itself. */
const sentPrefix = sentKey('', '').slice(0, -1);

export function createDynamoReceipts(client: DynamoDBDocumentClient, table: string): ReceiptLedger {
  const itemOf = (key: string) => ({ TableName: table, Key: { pk: key } });

  return {
    addStatus: (key, { part, entry, wamid }) =>
      callStore('status add', async () => {
        const added = await updateIf(client, {
          ...itemOf(key),
          UpdateExpression: 'SET wamids.#part = if_not_exists(wamids.#part, :wamid) ADD statuses :entries',
          ConditionExpression: 'attribute_exists(wamids)',
          ExpressionAttributeNames: { '#part': String(part) },
          ExpressionAttributeValues: { ':wamid': wamid, ':entries': new Set([entry]) },
        });
        if (added.done) return toRecord(added.item, key);
        if (added.item === undefined) return undefined;
        // A record without parts: only what nobody began to send, or an item of an earlier release.
        const begun = await updateIf(client, {
          ...itemOf(key),
          UpdateExpression: 'SET wamids = if_not_exists(wamids, :wamids) ADD statuses :entries',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':wamids': { [part]: wamid }, ':entries': new Set([entry]) },
        });
        return begun.item && toRecord(begun.item, key);
      }),

    // An attempt that was neither told nor given back leaves a doubt, counted by the next claim in the same write.
    claimReceipt: (key, { receipt, owner, now, leaseUntil }) =>
      callStore('receipt claim', async () => {
        const { done, item } = await updateIf(client, {
          ...itemOf(key),
          UpdateExpression: [
            'SET receipt = if_not_exists(receipt, :receipt), receiptOwner = :owner, receiptLeaseUntil = :leaseUntil',
            'receiptAttempts = if_not_exists(receiptAttempts, :zero) + :one',
            'receiptDoubts = if_not_exists(receiptDoubts, :zero) + if_not_exists(receiptOpen, :zero)',
            'receiptOpen = :one',
          ].join(', '),
          ConditionExpression:
            'attribute_exists(pk) AND attribute_not_exists(receiptToldAt) AND (attribute_not_exists(receiptLeaseUntil) OR receiptLeaseUntil <= :now)',
          ExpressionAttributeValues: {
            ':receipt': receipt,
            ':owner': owner,
            ':leaseUntil': leaseUntil,
            ':now': now,
            ':zero': 0,
            ':one': 1,
          },
        });
        return readClaim(item, done, owner);
      }),

    receiptTold: (key, at) =>
      callStore('receipt told', async () => {
        await updateIf(client, {
          ...itemOf(key),
          UpdateExpression: 'SET receiptToldAt = if_not_exists(receiptToldAt, :at) REMOVE receiptOwner',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':at': at },
        });
      }),

    // The owner goes with it, so that a repeated or late copy of this write finds nothing to give back.
    releaseReceipt: (key, owner, { keep }) =>
      callStore('receipt release', async () => {
        const mine = { ...itemOf(key), ExpressionAttributeValues: { ':owner': owner, ':zero': 0 } };
        if (keep) {
          await updateIf(client, {
            ...mine,
            UpdateExpression: 'SET receiptLeaseUntil = :zero REMOVE receiptOwner',
            ConditionExpression: 'receiptOwner = :owner',
          });
          return;
        }
        const { done } = await updateIf(client, {
          ...mine,
          UpdateExpression: 'SET receiptLeaseUntil = :zero, receiptOpen = :zero REMOVE receiptOwner, receipt',
          ConditionExpression: 'receiptOwner = :owner AND receiptDoubts = :zero',
        });
        if (done) return;
        // An earlier attempt may have told it: what was chosen stands.
        await updateIf(client, {
          ...mine,
          UpdateExpression: 'SET receiptLeaseUntil = :zero, receiptOpen = :zero REMOVE receiptOwner',
          ConditionExpression: 'receiptOwner = :owner',
        });
      }),

    findByGenesysId: (genesysId) =>
      callStore('message look-up', async () => {
        const { Items = [] } = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: 'genesys',
            KeyConditionExpression: 'genesysId = :genesysId',
            ExpressionAttributeValues: { ':genesysId': genesysId },
          }),
        );
        const keys = Items.map(({ pk }) => String(pk)).sort();
        const message = keys.find((key) => !key.startsWith(sentPrefix));
        const [part] = keys;
        if (message !== undefined || part === undefined) return message;
        const { Item } = await client.send(new GetCommand(itemOf(part)));
        return typeof Item?.key === 'string' ? Item.key : undefined;
      }),

    addDeskReceipt: (key, entry) =>
      callStore('desk receipt add', async () => {
        const { done } = await updateIf(client, {
          ...itemOf(key),
          UpdateExpression: 'ADD deskReceipts :entries',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':entries': new Set([entry]) },
        });
        return done;
      }),
  };
}

function readClaim(item: StoredItem | undefined, done: boolean, owner: string): ReceiptClaim {
  if (item === undefined) return { state: 'unknown' };
  if (item.receiptToldAt !== undefined) return { state: 'told' };
  const receipt = readReceipt(item.receipt);
  if (receipt !== undefined && (done || item.receiptOwner === owner)) {
    return { state: 'mine', receipt, attempts: Number(item.receiptAttempts) };
  }
  return { state: 'busy', until: Number(item.receiptLeaseUntil ?? 0) };
}
