import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { CustomerAlias, CustomerProfile } from '../../core/model/customer.ts';
import type { CustomerDirectory } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';
import { holds } from './conditional-update.ts';
import { profileKey } from './customer-keys.ts';
import { readFence } from './fence-fields.ts';

export interface DynamoCustomersOptions {
  client: DynamoDBDocumentClient;
  table: string;
  /** Days a profile is remembered after its last activity. */
  rememberDays: number;
}

const msPerDay = 86_400_000;
/** Holder of an alias that was seen without a BSUID; a missing attribute could not be told from a new alias. */
const nobody = '-';

const conversationKey = (conversationId: string) => ({ pk: `CONV#${conversationId}`, sk: 'CONV' });
const aliasKey = (numberId: string, alias: string) => ({ pk: `ALIAS#${numberId}#${alias}`, sk: 'ALIAS' });

export function createDynamoCustomers({
  client,
  table,
  rememberDays,
}: DynamoCustomersOptions): CustomerDirectory {
  const expiry = (at: number): number => Math.floor((at + rememberDays * msPerDay) / 1000);
  const read = (Key: { pk: string; sk: string }) =>
    client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }));
  const update = (input: Omit<UpdateCommandInput, 'TableName'>) =>
    client.send(new UpdateCommand({ TableName: table, ...input }));
  /** False when the condition does not hold. */
  const updateIf = (input: Omit<UpdateCommandInput, 'TableName'>) => holds(() => update(input));

  return {
    touch: (numberId, customerId, visit) =>
      callStore('profile touch', async () => {
        const Key = profileKey({ numberId, customerId });
        const { phone, messageId, reach = {} } = visit;
        try {
          const { Attributes } = await update({
            Key,
            UpdateExpression: `SET lastInboundAt = :at, previousInboundAt = if_not_exists(lastInboundAt, :at), #ttl = :ttl, customerId = :customerId, numberId = :numberId, firstVisit = if_not_exists(firstVisit, :visitId), #since = if_not_exists(#since, :since), fromId = if_not_exists(fromId, :fromId), fromIdType = if_not_exists(fromIdType, :fromIdType)${
              phone === undefined ? '' : ', #phone = if_not_exists(#phone, :phone)'
            }${messageId === undefined ? '' : ', lastInboundId = :messageId'}${
              reach.phone === undefined ? '' : ', reachPhone = :reachPhone'
            }${reach.userId === undefined ? '' : ', reachUserId = :reachUserId'}`,
            // Activity moves forward only; an older message reads the profile without changing it.
            ConditionExpression: 'attribute_not_exists(lastInboundAt) OR lastInboundAt <= :at',
            ExpressionAttributeNames: {
              '#ttl': 'ttl',
              '#since': 'since',
              ...(phone === undefined ? {} : { '#phone': 'phone' }),
            },
            ExpressionAttributeValues: {
              ':at': visit.at,
              ':ttl': expiry(visit.at),
              ':customerId': customerId,
              ':numberId': numberId,
              ':visitId': visit.visitId,
              ':since': visit.acceptedAt,
              ':fromId': visit.fromId,
              ':fromIdType': visit.fromIdType,
              ...(phone === undefined ? {} : { ':phone': phone }),
              ...(messageId === undefined ? {} : { ':messageId': messageId }),
              ...(reach.phone === undefined ? {} : { ':reachPhone': reach.phone }),
              ...(reach.userId === undefined ? {} : { ':reachUserId': reach.userId }),
            },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          });
          return toProfile(Attributes ?? {}, customerId, visit.visitId);
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          const Item = error.Item ? unmarshall(error.Item) : (await read(Key)).Item;
          return toProfile(Item ?? {}, customerId, visit.visitId);
        }
      }),

    peek: (numberId, customerId) =>
      callStore('profile peek', async () => {
        const { Item } = await read(profileKey({ numberId, customerId }));
        return Item && toProfile(Item, customerId);
      }),

    resolveAlias: (numberId, alias, { customerId, userId = nobody, at }) =>
      callStore('alias look-up', async () => {
        const { Attributes = {} } = await update({
          Key: aliasKey(numberId, alias),
          UpdateExpression:
            'SET customerId = if_not_exists(customerId, :customerId), userId = if_not_exists(userId, :userId), filedAt = if_not_exists(filedAt, :at), #ttl = :ttl',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: {
            ':customerId': customerId,
            ':userId': userId,
            ':at': at,
            ':ttl': expiry(at),
          },
          ReturnValues: 'ALL_NEW',
        });
        return toAlias(Attributes);
      }),

    peekAlias: (numberId, alias) =>
      callStore('alias peek', async () => {
        const { Item } = await read(aliasKey(numberId, alias));
        return Item && toAlias(Item);
      }),

    refile: (numberId, alias, seen, { customerId, userId = nobody, at }) =>
      callStore('alias refile', () => {
        const moves = seen.customerId !== customerId;
        return updateIf({
          Key: aliasKey(numberId, alias),
          UpdateExpression: `SET customerId = :customerId, userId = :userId, filedAt = :at${
            moves ? ', formerly = :seenCustomerId' : ''
          } REMOVE leftAt, disputedAt`,
          ConditionExpression: 'customerId = :seenCustomerId AND userId = :seenUserId',
          ExpressionAttributeValues: {
            ':customerId': customerId,
            ':userId': userId,
            ':at': at,
            ':seenCustomerId': seen.customerId,
            ':seenUserId': seen.userId ?? nobody,
          },
        });
      }),

    leavePhone: (numberId, phone, customerId, at) =>
      callStore('phone leave', async () => {
        await updateIf({
          Key: aliasKey(numberId, phone),
          UpdateExpression: 'SET leftAt = :at',
          ConditionExpression: 'customerId = :customerId',
          ExpressionAttributeValues: { ':at': at, ':customerId': customerId },
        });
      }),

    disown: (numberId, customerId, phone) =>
      callStore('phone disown', async () => {
        await updateIf({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression: 'ADD disownedPhones :phones',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':phones': new Set([phone]) },
        });
      }),

    dispute: (numberId, phone, at) =>
      callStore('phone dispute', async () => {
        const { Attributes } = await update({
          Key: aliasKey(numberId, phone),
          UpdateExpression: 'SET disputedAt = if_not_exists(disputedAt, :at)',
          ExpressionAttributeValues: { ':at': at },
          ReturnValues: 'ALL_NEW',
        });
        return Number(Attributes?.disputedAt);
      }),

    link: (numberId, customerId, aliasOf, expected, { at, acceptedAt, phone }) =>
      callStore('profile link', () =>
        updateIf({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression: `SET aliasOf = :aliasOf, customerId = :customerId, numberId = :numberId, #since = if_not_exists(#since, :since), #ttl = if_not_exists(#ttl, :ttl)${
            phone === undefined ? '' : ', #phone = if_not_exists(#phone, :phone)'
          }`,
          ConditionExpression:
            expected === 'absent'
              ? 'attribute_not_exists(pk)'
              : 'attribute_exists(pk) AND attribute_not_exists(aliasOf) AND attribute_not_exists(parkedAt) AND attribute_not_exists(inFence) AND attribute_not_exists(outFence)',
          ExpressionAttributeNames: {
            '#ttl': 'ttl',
            '#since': 'since',
            ...(phone === undefined ? {} : { '#phone': 'phone' }),
          },
          ExpressionAttributeValues: {
            ':aliasOf': aliasOf,
            ':customerId': customerId,
            ':numberId': numberId,
            ':since': acceptedAt,
            ':ttl': expiry(at),
            ...(phone === undefined ? {} : { ':phone': phone }),
          },
        }),
      ),

    park: (numberId, customerId, at) =>
      callStore('profile park', () =>
        updateIf({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression:
            'SET parkedAt = if_not_exists(parkedAt, :at), #since = if_not_exists(#since, :at), #ttl = if_not_exists(#ttl, :ttl)',
          ConditionExpression: 'attribute_not_exists(aliasOf)',
          ExpressionAttributeNames: { '#ttl': 'ttl', '#since': 'since' },
          ExpressionAttributeValues: { ':at': at, ':ttl': expiry(at) },
        }),
      ),

    recordOptOut: (numberId, customerId, { optedOut, at }) =>
      callStore('opt-out record', async () => {
        await updateIf({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression:
            'SET marketingOptedOut = :optedOut, marketingAt = :at, customerId = if_not_exists(customerId, :customerId), numberId = if_not_exists(numberId, :numberId), #since = if_not_exists(#since, :at), #ttl = if_not_exists(#ttl, :ttl)',
          ConditionExpression: 'attribute_not_exists(marketingAt) OR marketingAt <= :at',
          ExpressionAttributeNames: { '#ttl': 'ttl', '#since': 'since' },
          ExpressionAttributeValues: {
            ':optedOut': optedOut,
            ':at': at,
            ':customerId': customerId,
            ':numberId': numberId,
            ':ttl': expiry(at),
          },
        });
      }),

    inviteOnce: (numberId, customerId, { since, at }) =>
      callStore('invitation note', () =>
        updateIf({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression:
            'SET invitedAfter = :silentSince, customerId = if_not_exists(customerId, :customerId), numberId = if_not_exists(numberId, :numberId), #since = if_not_exists(#since, :at), #ttl = if_not_exists(#ttl, :ttl)',
          ConditionExpression: 'attribute_not_exists(invitedAfter) OR invitedAfter < :silentSince',
          ExpressionAttributeNames: { '#ttl': 'ttl', '#since': 'since' },
          ExpressionAttributeValues: {
            ':silentSince': since,
            ':at': at,
            ':customerId': customerId,
            ':numberId': numberId,
            ':ttl': expiry(at),
          },
        }),
      ),

    // The way back first: once the profile holds the conversation, nobody writes either again.
    learnConversation: (numberId, customerId, { conversationId, at }) =>
      callStore('conversation learn', async () => {
        await update({
          Key: conversationKey(conversationId),
          UpdateExpression: 'SET numberId = :numberId, customerId = :customerId, #ttl = :ttl',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':numberId': numberId, ':customerId': customerId, ':ttl': expiry(at) },
        });
        await update({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression: 'SET conversationId = :conversationId',
          ExpressionAttributeValues: { ':conversationId': conversationId },
        });
      }),

    // Its way back stays: what an agent still writes in it finds its customer.
    forgetConversation: (numberId, customerId, conversationId) =>
      callStore('conversation forget', () =>
        updateIf({
          Key: profileKey({ numberId, customerId }),
          UpdateExpression: 'REMOVE conversationId',
          ConditionExpression: 'conversationId = :conversationId',
          ExpressionAttributeValues: { ':conversationId': conversationId },
        }),
      ),

    noteSession: (conversationId, { sessionId, at }) =>
      callStore('session note', async () => {
        await updateIf({
          Key: conversationKey(conversationId),
          UpdateExpression: 'SET sessionId = :sessionId, sessionAt = :at, #ttl = if_not_exists(#ttl, :ttl)',
          ConditionExpression: 'attribute_not_exists(sessionAt) OR sessionAt <= :at',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':sessionId': sessionId, ':at': at, ':ttl': expiry(at) },
        });
      }),

    findByConversation: (conversationId) =>
      callStore('conversation look-up', async () => {
        const { Item } = await read(conversationKey(conversationId));
        if (typeof Item?.customerId !== 'string') return undefined;
        const session =
          typeof Item.sessionId === 'string'
            ? { sessionId: Item.sessionId, at: Number(Item.sessionAt) }
            : undefined;
        return { numberId: String(Item.numberId), customerId: Item.customerId, ...(session && { session }) };
      }),
  };
}

function toProfile(item: Record<string, unknown>, customerId: string, visitId?: string): CustomerProfile {
  const { disownedPhones, reachPhone, reachUserId } = item;
  const reach = {
    ...(typeof reachPhone === 'string' ? { phone: reachPhone } : {}),
    ...(typeof reachUserId === 'string' ? { userId: reachUserId } : {}),
  };
  return {
    customerId,
    fromId: String(item.fromId),
    fromIdType: item.fromIdType === 'Phone' ? 'Phone' : 'Opaque',
    since: Number(item.since ?? 0),
    lastInboundAt: Number(item.lastInboundAt ?? 0),
    ...readPrevious(item),
    disownedPhones: disownedPhones instanceof Set ? [...disownedPhones].map(String) : [],
    fences: { in: readFence(item, 'in'), out: readFence(item, 'out') },
    isNew: visitId !== undefined && item.firstVisit === visitId,
    ...(Object.keys(reach).length > 0 ? { reach } : {}),
    ...(typeof item.lastInboundId === 'string' ? { lastInboundId: item.lastInboundId } : {}),
    ...(typeof item.conversationId === 'string' ? { conversationId: item.conversationId } : {}),
    ...(typeof item.aliasOf === 'string' ? { aliasOf: item.aliasOf } : {}),
    ...(typeof item.phone === 'string' ? { phone: item.phone } : {}),
    ...(typeof item.parkedAt === 'number' ? { parkedAt: item.parkedAt } : {}),
    ...(typeof item.marketingAt === 'number'
      ? { marketing: { optedOut: item.marketingOptedOut === true, at: item.marketingAt } }
      : {}),
  };
}

/** The write of a first message says that the one before it was the same. */
function readPrevious({
  previousInboundAt: at,
  lastInboundAt,
}: Record<string, unknown>): Pick<CustomerProfile, 'previousInboundAt'> {
  return typeof at === 'number' && at !== lastInboundAt ? { previousInboundAt: at } : {};
}

function toAlias({
  customerId,
  userId,
  filedAt,
  leftAt,
  disputedAt,
  formerly,
}: Record<string, unknown>): CustomerAlias {
  return {
    customerId: String(customerId),
    filedAt: Number(filedAt),
    ...(typeof userId === 'string' && userId !== nobody ? { userId } : {}),
    ...(typeof leftAt === 'number' ? { leftAt } : {}),
    ...(typeof disputedAt === 'number' ? { disputedAt } : {}),
    ...(typeof formerly === 'string' ? { formerly } : {}),
  };
}
