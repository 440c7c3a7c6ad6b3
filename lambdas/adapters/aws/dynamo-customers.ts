import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CustomerProfile } from '../../core/model/customer.ts';
import type { CustomerDirectory } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';

export interface DynamoCustomersOptions {
  client: DynamoDBDocumentClient;
  table: string;
  /** Days a profile is remembered after its last activity. */
  rememberDays: number;
}

const msPerDay = 86_400_000;

const profileKey = (numberId: string, customerId: string) => ({
  pk: `CUST#${numberId}#${customerId}`,
  sk: 'PROFILE',
});
const aliasKey = (numberId: string, phone: string) => ({ pk: `ALIAS#${numberId}#${phone}`, sk: 'ALIAS' });

export function createDynamoCustomers({
  client,
  table,
  rememberDays,
}: DynamoCustomersOptions): CustomerDirectory {
  const expiry = (at: number): number => Math.floor((at + rememberDays * msPerDay) / 1000);

  return {
    touch: (numberId, customerId, visit) =>
      callStore('profile touch', async () => {
        const Key = profileKey(numberId, customerId);
        try {
          const { Attributes } = await client.send(
            new UpdateCommand({
              TableName: table,
              Key,
              UpdateExpression:
                'SET lastInboundAt = :at, #ttl = :ttl, customerId = :customerId, numberId = :numberId, firstVisit = if_not_exists(firstVisit, :visitId), fromId = if_not_exists(fromId, :fromId), fromIdType = if_not_exists(fromIdType, :fromIdType)',
              // Activity moves forward only; an older message reads the profile without changing it.
              ConditionExpression: 'attribute_not_exists(lastInboundAt) OR lastInboundAt <= :at',
              ExpressionAttributeNames: { '#ttl': 'ttl' },
              ExpressionAttributeValues: {
                ':at': visit.at,
                ':ttl': expiry(visit.at),
                ':customerId': customerId,
                ':numberId': numberId,
                ':visitId': visit.visitId,
                ':fromId': visit.fromId,
                ':fromIdType': visit.fromIdType,
              },
              ReturnValues: 'ALL_NEW',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          );
          return toProfile(Attributes ?? {}, visit.visitId);
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          if (error.Item) return toProfile(unmarshall(error.Item), visit.visitId);
          const { Item } = await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
          return toProfile(Item ?? {}, visit.visitId);
        }
      }),

    resolvePhone: (numberId, phone, entry) =>
      callStore('alias look-up', async () => {
        const { Attributes = {} } = await client.send(
          new UpdateCommand({
            TableName: table,
            Key: aliasKey(numberId, phone),
            UpdateExpression: `SET customerId = if_not_exists(customerId, :customerId), #ttl = :ttl${
              entry.userId === undefined ? '' : ', userId = if_not_exists(userId, :userId)'
            }`,
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: {
              ':customerId': entry.customerId,
              ':ttl': expiry(entry.at),
              ...(entry.userId === undefined ? {} : { ':userId': entry.userId }),
            },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return {
          customerId: String(Attributes.customerId),
          ...(typeof Attributes.userId === 'string' ? { userId: Attributes.userId } : {}),
        };
      }),

    link: (numberId, customerId, aliasOf) =>
      callStore('profile link', async () => {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: profileKey(numberId, customerId),
            UpdateExpression: 'SET aliasOf = if_not_exists(aliasOf, :aliasOf)',
            ExpressionAttributeValues: { ':aliasOf': aliasOf },
          }),
        );
      }),

    repointPhone: (numberId, phone, from, to) =>
      callStore('alias repoint', async () => {
        try {
          await client.send(
            new UpdateCommand({
              TableName: table,
              Key: aliasKey(numberId, phone),
              UpdateExpression: 'SET customerId = :to',
              ConditionExpression: 'customerId = :from',
              ExpressionAttributeValues: { ':from': from, ':to': to },
            }),
          );
        } catch (error) {
          // Somebody repointed it already; the next look-up reads where to.
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
      }),

    learnConversation: (numberId, customerId, conversationId) =>
      callStore('conversation learn', async () => {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: profileKey(numberId, customerId),
            UpdateExpression: 'SET conversationId = :conversationId',
            ExpressionAttributeValues: { ':conversationId': conversationId },
          }),
        );
      }),
  };
}

function toProfile(item: Record<string, unknown>, visitId: string): CustomerProfile {
  return {
    customerId: String(item.customerId),
    fromId: String(item.fromId),
    fromIdType: item.fromIdType === 'Phone' ? 'Phone' : 'Opaque',
    lastInboundAt: Number(item.lastInboundAt),
    isNew: item.firstVisit === visitId,
    ...(typeof item.conversationId === 'string' ? { conversationId: item.conversationId } : {}),
    ...(typeof item.aliasOf === 'string' ? { aliasOf: item.aliasOf } : {}),
  };
}
