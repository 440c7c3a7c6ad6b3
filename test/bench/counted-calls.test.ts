import { type Call, isFence, isPace } from '../../bench/counted-calls.ts';

const aCall = (over: Partial<Call>): Call => ({
  seq: 1,
  function: 'example-local-inbound-worker',
  service: 'dynamodb',
  operation: 'UpdateItem',
  resource: 'example-local-customers',
  ...over,
});

test.each<[string, Partial<Call>, { pace: boolean; fence: boolean }]>([
  ['the claim', { resource: 'example-local-ledger', item: 'IN' }, { pace: false, fence: false }],
  ['the profile, which answers with the fence', { item: 'CUST/PROFILE' }, { pace: false, fence: false }],
  ['a block of the allowance', { item: 'PACE/PACE' }, { pace: true, fence: false }],
  ['a parked item', { operation: 'PutItem', item: 'CUST/PARK' }, { pace: false, fence: true }],
  ['a handle', { operation: 'PutItem', item: 'FENCE/FENCE' }, { pace: false, fence: true }],
  ['a look into the park', { operation: 'Query' }, { pace: false, fence: true }],
  ['a run that is started', { service: 'states', operation: 'StartExecution' }, { pace: false, fence: true }],
])('%s is told apart', (_name, over, expected) => {
  const call = aCall(over);

  expect({ pace: isPace(call), fence: isFence(call) }).toEqual(expected);
});
