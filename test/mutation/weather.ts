// What scenarios do beyond what customers and agents do: calls that an operator, an accident or the passing of time makes.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LocalRun } from '../journeys/local-run.ts';

type Item = Record<string, unknown>;

const account = '000000000000';

function configOf({ endpoints }: LocalRun) {
  return {
    endpoint: endpoints.aws,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'runner.mutation', secretAccessKey: 'local-run-dummy-secret' },
  };
}

/** Puts a body that no release has written on a queue, in a group of its own. */
export async function putRubbish(run: LocalRun, queue: string, group: string): Promise<void> {
  const sqs = new SQSClient({ ...configOf(run), useQueueUrlAsEndpoint: false });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: `${run.endpoints.aws}/${account}/${queue}`,
      MessageBody: `rubbish of ${group}`,
      MessageGroupId: group,
      MessageDeduplicationId: group,
    }),
  );
  sqs.destroy();
}

/** Ends an execution as an operator would, or an accident at AWS. */
export async function stopExecution(run: LocalRun, machine: string, name: string): Promise<void> {
  const sfn = new SFNClient(configOf(run));
  const executionArn = `arn:aws:states:eu-west-1:${account}:execution:${machine}:${name}`;
  await sfn.send(new StopExecutionCommand({ executionArn }));
  sfn.destroy();
}

/** As if time had passed for one attribute: sets it on the items that have it and are wanted; answers how many. */
export async function setNumber(
  run: LocalRun,
  table: string,
  attribute: string,
  value: number,
  isWanted: (item: Item) => boolean = () => true,
): Promise<number> {
  const items = (await readTable(run, table)).filter((one) => one[attribute] !== undefined && isWanted(one));
  const dynamo = new DynamoDBClient(configOf(run));
  const documents = DynamoDBDocumentClient.from(dynamo);
  for (const { pk, sk } of items) {
    await documents.send(
      new UpdateCommand({
        TableName: table,
        Key: sk === undefined ? { pk } : { pk, sk },
        UpdateExpression: 'SET #a = :v',
        ExpressionAttributeNames: { '#a': attribute },
        ExpressionAttributeValues: { ':v': value },
      }),
    );
  }
  dynamo.destroy();
  return items.length;
}

/** Everything in a table. */
export async function readTable(run: LocalRun, table: string): Promise<Item[]> {
  const dynamo = new DynamoDBClient(configOf(run));
  const client = DynamoDBDocumentClient.from(dynamo);
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
    items.push(...(page.Items ?? []));
  dynamo.destroy();
  return items;
}
