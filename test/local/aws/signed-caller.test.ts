import { isRunner, readCaller } from '../../../local/aws/signed-caller.ts';

const scope = '20261120/eu-west-1/dynamodb/aws4_request';
const caller = { name: 'example-local-door', region: 'eu-west-1', service: 'dynamodb' };

test('reads function, region and service from the Authorization header', () => {
  const authorization = `AWS4-HMAC-SHA256 Credential=example-local-door/${scope}, SignedHeaders=host, Signature=00`;

  expect(readCaller({ headers: { authorization } }, new URLSearchParams())).toEqual(caller);
});

test('reads them from the query of a presigned URL', () => {
  const query = new URLSearchParams({ 'X-Amz-Credential': `example-local-door/${scope}` });

  expect(readCaller({ headers: {} }, query)).toEqual(caller);
});

test.each([
  ['nothing', undefined],
  ['another scheme', 'Bearer Credential=a/b'],
  ['an old signature', 'AWS door:signature'],
  ['a scope that is too short', 'AWS4-HMAC-SHA256 Credential=door/eu-west-1/dynamodb/aws4_request'],
  ['no name', `AWS4-HMAC-SHA256 Credential=/${scope}`],
  ['another terminator', 'AWS4-HMAC-SHA256 Credential=door/20261120/eu-west-1/dynamodb/aws5_request'],
])('knows no caller from %s', (_what, authorization) => {
  expect(readCaller({ headers: { authorization } }, new URLSearchParams())).toBeUndefined();
});

test('tells the runner from functions, whatever they are called', () => {
  expect(isRunner({ ...caller, name: 'runner.pump' })).toBe(true);
  expect(isRunner({ ...caller, name: 'runner-local-door' })).toBe(false);
});
