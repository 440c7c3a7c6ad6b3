import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoQuotes } from '../../../../lambdas/adapters/aws/dynamo-quotes.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const quotes = createDynamoQuotes(createDynamoClient(), 'acme-prod-ledger');
const option = { type: 'Button', text: 'Yes', payload: 'yes' };

describe('a message of the desk', () => {
  it('is found by the id WhatsApp gave it, with its options', async () => {
    const Key = { pk: 'WAMID#1#wamid.0' };
    dynamo.on(GetCommand, { TableName: 'acme-prod-ledger', Key }).resolves({
      Item: { genesysId: 'genesys-0', tapOptions: { a: option } },
    });

    expect(await quotes.readOriginating('1', 'wamid.0')).toEqual({
      genesysId: 'genesys-0',
      options: { a: option },
    });
  });

  it('without options has none', async () => {
    dynamo.on(GetCommand).resolves({ Item: { genesysId: 'genesys-0' } });

    expect(await quotes.readOriginating('1', 'wamid.0')).toEqual({ genesysId: 'genesys-0', options: {} });
  });

  it.each([[undefined], [{}], [{ genesysId: 7 }]])('that is not there (%j) is unknown', async (Item) => {
    dynamo.on(GetCommand).resolves(Item === undefined ? {} : { Item });

    expect(await quotes.readOriginating('1', 'wamid.0')).toBeUndefined();
  });

  it('that cannot be read fails the message', async () => {
    dynamo.on(GetCommand).rejects(new Error('down'));

    await expect(quotes.readOriginating('1', 'wamid.0')).rejects.toMatchObject({ kind: 'store-unavailable' });
    await expect(quotes.readSnippet('IN#1#a')).rejects.toMatchObject({ kind: 'store-unavailable' });
  });
});
