// What functions may do, by purpose: each grant names its actions and resources, and goes only to who needs it.
import type { BridgeFunction } from './bridge-function.ts';
import type { BridgeState } from './bridge-state.ts';

/** Reads the credentials and the pseudonym keys of the numbers. */
export function allowSecrets(lambda: BridgeFunction, { secrets }: BridgeState): void {
  lambda.allow(
    ['secretsmanager:GetSecretValue'],
    secrets.map((secret) => secret.secretArn),
  );
}

/** Claims and settles messages, and keeps profiles up to date. */
export function allowClaiming(lambda: BridgeFunction, { ledger, customers }: BridgeState): void {
  lambda.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [ledger.tableArn, customers.tableArn]);
}

/** Parks messages behind a fence, claim checks of long ones included, and starts what drains them. */
export function allowParking(
  lambda: BridgeFunction,
  { customers, archive }: BridgeState,
  machineArn: string,
): void {
  lambda.allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], [customers.tableArn]);
  lambda.allow(['s3:PutObject', 's3:GetObject'], [archive.arnForObjects('claims/*')]);
  lambda.allow(['states:StartExecution'], [machineArn]);
}

/** Reads what is parked: to drain it, or to place what has lost its order among it. */
export function allowReadingPark(lambda: BridgeFunction, { customers }: BridgeState): void {
  lambda.allow(['dynamodb:Query'], [customers.tableArn]);
}

/** Fetches media, keeps it, and signs links to it; the addresses it signs are good for what it may do itself. */
export function allowMedia(lambda: BridgeFunction, { archive }: BridgeState): void {
  lambda.allow(
    ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
    [archive.arnForObjects('media/*')],
  );
}

/** Reads the runtime switches. */
export function allowSwitches(lambda: BridgeFunction, { switches }: BridgeState): void {
  lambda.allow(['ssm:GetParameter'], [switches.parameterArn]);
}

/** Remembers where the ids of sent messages lead. */
export function allowSending(lambda: BridgeFunction, { ledger }: BridgeState): void {
  lambda.allow(['dynamodb:PutItem'], [ledger.tableArn]);
}
