// The tenant's allowance as one item of the customers table. A block is one conditional addition, so that sandboxes
// never wait for each other; accounts of busy customers and open circuits ride on the answer.
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { BridgeError } from '../../core/errors.ts';
import type { Circuit } from '../../core/policy/circuit.ts';
import { fullAt, latestStart } from '../../core/policy/token-bucket.ts';
import type { Allowance, SharedPace } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';

type TakeRequest = Parameters<Allowance['take']>[0];
type Item = Record<string, unknown>;

const accountPrefix = 'account:';
const circuitPrefix = 'circuit:';
/** The bucket can be full or not, and change while we ask; more turns than this mean that something is wrong. */
const mostTries = 6;
/** Accounts removed with one block; more would make the expression long. */
const mostRemoved = 20;

export function createDynamoAllowance(
  client: DynamoDBDocumentClient,
  table: string,
  tenant: string,
): Allowance {
  const Key = { pk: `PACE#${tenant}`, sk: 'PACE' };
  let known: Item = {};

  const change = async (
    input: Omit<UpdateCommandInput, 'TableName' | 'Key'>,
  ): Promise<{ done: boolean; item: Item }> => {
    try {
      const { Attributes = {} } = await client.send(
        new UpdateCommand({
          TableName: table,
          Key,
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          ...input,
        }),
      );
      known = Attributes;
      return { done: true, item: Attributes };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // Endpoints that do not return the old item are asked for it.
      known = error.Item
        ? unmarshall(error.Item)
        : ((await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item ?? {});
      return { done: false, item: known };
    }
  };

  return {
    take: (request) =>
      callStore('allowance take', async () => {
        for (let tries = 0; tries < mostTries; tries += 1) {
          const isTooLate = readNumber(known, 'nextAt') > latestStart(request);
          if (isTooLate && tries > 0) return { shared: toSharedPace(known) };
          const { done, item } = await change(takeInput(request, known));
          if (!done) continue;
          const startAt = readNumber(item, 'nextAt') - request.count * request.pace.intervalMs;
          return { startAt, shared: toSharedPace(item) };
        }
        throw new BridgeError('store-unavailable', 'allowance take failed: the bucket changes all the time');
      }),

    pause: (until) =>
      callStore('allowance pause', async () => {
        const { item } = await change({
          UpdateExpression: 'SET pausedUntil = :until',
          ConditionExpression: 'attribute_not_exists(pausedUntil) OR pausedUntil < :until',
          ExpressionAttributeValues: { ':until': until },
        });
        return toSharedPace(item);
      }),

    openCircuit: (scope, circuit, now) =>
      callStore('circuit open', async () => {
        const { item } = await change({
          UpdateExpression: 'SET #circuit = :circuit',
          ConditionExpression: 'attribute_not_exists(#circuit) OR #circuit.openUntil <= :now',
          ExpressionAttributeNames: { '#circuit': `${circuitPrefix}${scope}` },
          ExpressionAttributeValues: { ':circuit': circuit, ':now': now },
        });
        return toSharedPace(item);
      }),

    probeCircuit: (scope, now, probeUntil) =>
      callStore('circuit probe', async () => {
        const { done, item } = await change({
          UpdateExpression: 'SET #circuit.probeUntil = :until',
          ConditionExpression:
            'attribute_exists(#circuit) AND #circuit.openUntil <= :now AND #circuit.probeUntil <= :now',
          ExpressionAttributeNames: { '#circuit': `${circuitPrefix}${scope}` },
          ExpressionAttributeValues: { ':until': probeUntil, ':now': now },
        });
        return { mine: done, shared: toSharedPace(item) };
      }),

    closeCircuit: (scope) =>
      callStore('circuit close', async () => {
        const { item } = await change({
          UpdateExpression: 'REMOVE #circuit',
          ExpressionAttributeNames: { '#circuit': `${circuitPrefix}${scope}` },
        });
        return toSharedPace(item);
      }),
  };
}

/** Adds to a bucket in use, or sets the time of one that has filled up; which of both is seen from what is known. */
function takeInput(request: TakeRequest, known: Item): Omit<UpdateCommandInput, 'TableName' | 'Key'> {
  const floor = fullAt(request);
  const cost = request.count * request.pace.intervalMs;
  const names: Record<string, string> = {};
  const values: Record<string, number> = { ':floor': floor };
  const sets: string[] = [];
  const removes: string[] = [];
  let condition: string;
  if (readNumber(known, 'nextAt') >= floor) {
    values[':cost'] = cost;
    sets.push('nextAt = nextAt + :cost');
    condition = 'nextAt >= :floor';
    if (request.spareOnly) {
      values[':latest'] = latestStart(request);
      condition += ' AND nextAt <= :latest';
    }
  } else {
    values[':next'] = floor + cost;
    sets.push('nextAt = :next');
    condition = 'attribute_not_exists(nextAt) OR nextAt < :floor';
  }
  for (const [index, [account, ms]] of [...request.told].entries()) {
    names[`#told${index}`] = `${accountPrefix}${account}`;
    const paidUntil = readNumber(known, `${accountPrefix}${account}`);
    // An account that has been paid off begins anew.
    if (paidUntil > request.now) {
      values[`:told${index}`] = ms;
      values[':now'] = request.now;
      sets.push(`#told${index} = if_not_exists(#told${index}, :now) + :told${index}`);
    } else {
      values[`:told${index}`] = request.now + ms;
      sets.push(`#told${index} = :told${index}`);
    }
  }
  for (const name of listPaidOff(known, request)) {
    names[`#paid${removes.length}`] = name;
    removes.push(`#paid${removes.length}`);
  }
  return {
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ConditionExpression: condition,
    ExpressionAttributeValues: values,
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: names } : {}),
  };
}

function listPaidOff(known: Item, { now, told }: TakeRequest): string[] {
  return Object.keys(known)
    .filter((name) => name.startsWith(accountPrefix) && readNumber(known, name) <= now)
    .filter((name) => !told.has(name.slice(accountPrefix.length)))
    .slice(0, mostRemoved);
}

function toSharedPace(item: Item): SharedPace {
  const named = (prefix: string): [string, unknown][] =>
    Object.entries(item)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]);
  return {
    nextAt: readNumber(item, 'nextAt'),
    pausedUntil: readNumber(item, 'pausedUntil'),
    accounts: new Map(named(accountPrefix).map(([account, paidUntil]) => [account, Number(paidUntil)])),
    circuits: new Map(named(circuitPrefix).map(([scope, circuit]) => [scope, circuit as Circuit])),
  };
}

function readNumber(item: Item, name: string): number {
  const value = item[name];
  return typeof value === 'number' ? value : 0;
}
