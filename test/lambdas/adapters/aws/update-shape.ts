// What DynamoDB insists on for every update, whatever it says: each name and value that is declared is used, and each
// that is used is declared.
import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';

/** Asserts that the placeholders of an update are declared and used. */
export function expectCoherent(input: UpdateCommandInput | undefined): void {
  const text = `${input?.UpdateExpression} ${input?.ConditionExpression ?? ''}`;
  const declared = [
    ...Object.keys(input?.ExpressionAttributeNames ?? {}),
    ...Object.keys(input?.ExpressionAttributeValues ?? {}),
  ];

  expect(new Set(declared)).toEqual(new Set(text.match(/[#:]\w+/g)));
  expect(Object.values(input?.ExpressionAttributeValues ?? {})).not.toContain(undefined);
}

/** `SET a = :x, b = :y REMOVE c` as `{a: 'x value', b: 'y value', c: null}`; formulas stay text. */
export function readChanges(input: UpdateCommandInput | undefined): Record<string, unknown> {
  const {
    UpdateExpression = '',
    ExpressionAttributeNames = {},
    ExpressionAttributeValues = {},
  } = input ?? {};
  const [set = '', removed = ''] = UpdateExpression.replace(/^SET /, '').split(' REMOVE ');
  const nameOf = (name: string) => ExpressionAttributeNames[name] ?? name;
  const changes = set.split(/, (?![^(]*\))/).map((clause) => {
    const [name = '', value = ''] = clause.split(' = ');
    return [nameOf(name), value in ExpressionAttributeValues ? ExpressionAttributeValues[value] : value];
  });
  const removals = removed === '' ? [] : removed.split(', ').map((name) => [nameOf(name), null]);
  return Object.fromEntries([...changes, ...removals]);
}
