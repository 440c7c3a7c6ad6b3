// Sealed tokens in the customers table. Reading one and reserving the right to ask for a new one are the same write.
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { SealedToken, TokenStore } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';

const secondsPerDay = 86_400;

export function createDynamoTokenStore(client: DynamoDBDocumentClient, table: string): TokenStore {
  const keyOf = (clientId: string) => ({ pk: `TOKEN#${clientId}`, sk: 'TOKEN' });

  return {
    fetch: (clientId, { now, holdMs, refused = '' }) =>
      callStore('token fetch', async () => {
        const Key = keyOf(clientId);
        try {
          await client.send(
            new UpdateCommand({
              TableName: table,
              Key,
              UpdateExpression: 'SET askedUntil = :until',
              ConditionExpression:
                '(attribute_not_exists(sealed) OR refreshAt <= :now OR fingerprint = :refused) AND (attribute_not_exists(askedUntil) OR askedUntil <= :now)',
              ExpressionAttributeValues: { ':until': now + holdMs, ':now': now, ':refused': refused },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          );
          return { mayAsk: true };
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          // Endpoints that do not return the old item are asked for it.
          const item = error.Item
            ? unmarshall(error.Item)
            : (await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
          const token = toSealedToken(item ?? {});
          return token && token.refreshAt > now && token.fingerprint !== refused
            ? { token }
            : { mayAsk: false };
        }
      }),

    save: (clientId, { sealed, fingerprint, refreshAt }) =>
      callStore('token save', async () => {
        await client.send(
          new UpdateCommand({
            TableName: table,
            Key: keyOf(clientId),
            UpdateExpression:
              'SET sealed = :sealed, fingerprint = :fingerprint, refreshAt = :refreshAt, #ttl = :ttl REMOVE askedUntil',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: {
              ':sealed': sealed,
              ':fingerprint': fingerprint,
              ':refreshAt': refreshAt,
              ':ttl': Math.ceil(refreshAt / 1000) + secondsPerDay,
            },
          }),
        );
      }),
  };
}

function toSealedToken({ sealed, fingerprint, refreshAt }: Record<string, unknown>): SealedToken | undefined {
  if (typeof sealed !== 'string' || typeof fingerprint !== 'string' || typeof refreshAt !== 'number')
    return undefined;
  return { sealed, fingerprint, refreshAt };
}
