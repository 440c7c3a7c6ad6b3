import { FaultRules } from '../../../local/aws/fault-rules.ts';
import type { AwsCall } from '../../../local/aws/local-aws.ts';

function aCall(changes: Partial<AwsCall> = {}): AwsCall {
  return {
    seq: 1,
    at: 1,
    function: 'worker',
    service: 'dynamodb',
    operation: 'PutItem',
    resource: 'ledger',
    ...changes,
  };
}

function rulesOf(...rules: unknown[]): FaultRules {
  const faults = new FaultRules();
  faults.replace(rules);
  return faults;
}

const action = { error: 'ThrottlingException' };

test.each([
  ['service', { service: 'dynamodb', action }, { service: 'sqs' }],
  ['operation', { service: 'dynamodb', operation: 'PutItem', action }, { operation: 'GetItem' }],
  ['function', { service: 'dynamodb', function: 'worker', action }, { function: 'door' }],
])('matches by %s', (_key, rule, other) => {
  const faults = rulesOf(rule);

  expect(faults.take(aCall())).toMatchObject({ action });
  expect(faults.take(aCall(other))).toBeUndefined();
});

test('takes the first rule that matches, and the next one when its times are used up', () => {
  const faults = rulesOf(
    { service: 'DynamoDB', times: 2, action },
    { service: 'dynamodb', delayMs: 5 },
    { service: 'dynamodb', action: 'applied-then-reset' },
  );

  const taken = Array.from({ length: 4 }, () => faults.take(aCall()));

  expect(taken.map((rule) => rule?.action)).toEqual([action, action, undefined, undefined]);
  expect(taken.map((rule) => rule?.delayMs)).toEqual([undefined, undefined, 5, 5]);
});

test('uses up no time of a rule that does not match', () => {
  const faults = rulesOf({ service: 'dynamodb', operation: 'PutItem', times: 1, action });

  faults.take(aCall({ operation: 'GetItem' }));

  expect(faults.take(aCall())).toMatchObject({ action });
});

test('is left without rules by an empty list', () => {
  const faults = rulesOf({ service: 'dynamodb', action });

  faults.replace([]);

  expect(faults.take(aCall())).toBeUndefined();
});

test.each([
  ['no list', { service: 'dynamodb', action }, /faults must be a list/],
  ['a rule that is no object', ['dynamodb'], /fault 0 must be an object/],
  ['null as a rule', [null], /fault 0 must be an object/],
  ['an unknown key', [{ service: 'dynamodb', action, resource: 'x' }], /unknown key "resource"/],
  ['no service', [{ action }], /fault 0 needs a service/],
  [
    'an empty operation',
    [{ service: 'dynamodb', operation: '', action }],
    /operation must be a non-empty string/,
  ],
  ['a function that is no name', [{ service: 'dynamodb', function: 1, action }], /function must be/],
  [
    'times of zero',
    [{ service: 'dynamodb', times: 0, action }],
    /times must be a whole number of at least 1/,
  ],
  ['times as text', [{ service: 'dynamodb', times: '1', action }], /times must be/],
  ['a negative delay', [{ service: 'dynamodb', delayMs: -1 }], /delayMs must be/],
  ['neither action nor delay', [{ service: 'dynamodb' }], /fault 0 needs an action or delayMs/],
  ['an unknown action', [{ service: 'dynamodb', action: 'reset' }], /action must be/],
  ['an error without a name', [{ service: 'dynamodb', action: { error: '' } }], /action must be/],
  [
    'an action with more keys',
    [{ service: 'dynamodb', action: { error: 'A', status: 500 } }],
    /action must be/,
  ],
  [
    'a second rule that is wrong',
    [
      { service: 'sqs', action },
      { service: 'sqs', action: null },
    ],
    /fault 1: action must be/,
  ],
])('refuses %s and keeps the old rules', (_what, rules, message) => {
  const faults = rulesOf({ service: 'dynamodb', action });

  expect(() => faults.replace(rules)).toThrow(message);

  expect(faults.take(aCall())).toMatchObject({ action });
});
