import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoAllowance } from '../../lambdas/adapters/aws/dynamo-allowance.ts';
import { createDynamoCustomers } from '../../lambdas/adapters/aws/dynamo-customers.ts';
import { createDynamoFenceHandles } from '../../lambdas/adapters/aws/dynamo-fence-handles.ts';
import { createDynamoFences } from '../../lambdas/adapters/aws/dynamo-fences.ts';
import { createDynamoLedger } from '../../lambdas/adapters/aws/dynamo-ledger.ts';
import { createDynamoPark } from '../../lambdas/adapters/aws/dynamo-park.ts';
import { createDynamoReceipts } from '../../lambdas/adapters/aws/dynamo-receipts.ts';
import { createDynamoSending } from '../../lambdas/adapters/aws/dynamo-sending.ts';
import { createDynamoTokenStore } from '../../lambdas/adapters/aws/dynamo-token-store.ts';
import { describeAllowance } from '../contracts/allowance.contract.ts';
import { describeCustomerDirectory } from '../contracts/customer-directory.contract.ts';
import { describeFenceHandles, describeFences } from '../contracts/fences.contract.ts';
import { describeMessageLedger } from '../contracts/message-ledger.contract.ts';
import { describePark } from '../contracts/park.contract.ts';
import { describeReceipts, describeSending } from '../contracts/sending.contract.ts';
import { describeTokenStore } from '../contracts/token-store.contract.ts';
import type { AwsEndpoint } from './aws-endpoint.ts';
import { startAwsEndpoint } from './aws-endpoint.ts';

let endpoint: AwsEndpoint;
let client: DynamoDBDocumentClient;
const ledgerOptions = () => ({ client, table: endpoint.unique('ledger'), rememberDays: 35 });
const customersOptions = () => ({ client, table: endpoint.unique('customers'), rememberDays: 400 });
beforeAll(async () => {
  endpoint = await startAwsEndpoint();
  client = DynamoDBDocumentClient.from(new DynamoDBClient(endpoint.config));
  await endpoint.createTable(
    endpoint.unique('ledger'),
    ['pk'],
    [{ name: 'genesys', partition: 'genesysId' }],
  );
  await endpoint.createTable(
    endpoint.unique('customers'),
    ['pk', 'sk'],
    [
      { name: 'in-fences', partition: 'inFence', sort: 'inNextAt', sortType: 'N' },
      { name: 'out-fences', partition: 'outFence', sort: 'outNextAt', sortType: 'N' },
    ],
  );
}, 30_000);
afterAll(async () => {
  client?.destroy();
  await endpoint?.stop();
});

describe('DynamoLedger', () => describeMessageLedger(() => createDynamoLedger(ledgerOptions())));

const sendingStores = () => ({
  ledger: createDynamoLedger(ledgerOptions()),
  sending: createDynamoSending(ledgerOptions()),
  receipts: createDynamoReceipts(client, endpoint.unique('ledger')),
});
describe('DynamoSending', () => describeSending(sendingStores));
describe('DynamoReceipts', () => describeReceipts(sendingStores));

describe('DynamoCustomers', () => describeCustomerDirectory(() => createDynamoCustomers(customersOptions())));

describe('DynamoFences', () =>
  describeFences(() => ({
    fences: createDynamoFences(customersOptions()),
    customers: createDynamoCustomers(customersOptions()),
  })));

describe('DynamoPark', () => describePark(() => createDynamoPark(client, endpoint.unique('customers'))));

describe('DynamoFenceHandles', () =>
  describeFenceHandles(() => createDynamoFenceHandles({ ...customersOptions(), clock: Date })));

describe('DynamoAllowance', () => {
  let tenants = 0;
  describeAllowance(() => {
    tenants += 1;
    return createDynamoAllowance(client, endpoint.unique('customers'), `tenant-${tenants}`);
  });
});

describe('DynamoTokenStore', () =>
  describeTokenStore(() => createDynamoTokenStore(client, endpoint.unique('customers'))));
