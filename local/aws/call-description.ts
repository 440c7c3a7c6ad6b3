// What a call does to which resource, read from the request alone, without asking the service.

import type { ArrivedRequest } from './arrived-request.ts';
import { describeObjectCall } from './s3-call.ts';

export interface CallDescription {
  operation: string;
  resource: string;
  /** Kind of the one item it touches, e.g. `CUST/PROFILE`: the words that keys begin with, never whose item it is. */
  item?: string;
}

type JsonBody = Record<string, unknown>;

/** Operation and resource as AWS names them; a body that cannot be read leaves the resource empty. */
export function describeCall(service: string, request: ArrivedRequest): CallDescription {
  if (service === 's3') return describeObjectCall(request);
  const operation = String(request.wire.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const body = parseBody(request.body);
  const item = service === 'dynamodb' ? readItemKind(body) : '';
  return {
    operation: operation || 'Unknown',
    resource: readResource(service, body),
    ...(item === '' ? {} : { item }),
  };
}

function parseBody(body: Buffer): JsonBody {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as JsonBody) : {};
  } catch {
    // The service itself will say what is wrong with the body.
    return {};
  }
}

function readResource(service: string, body: JsonBody): string {
  switch (service) {
    case 'dynamodb':
      return readTable(body);
    case 'sqs':
      return lastSegment(body.QueueUrl, '/') || asText(body.QueueName);
    case 'secretsmanager':
      return nameOfSecret(asText(body.SecretId) || asText(body.Name));
    case 'ssm':
      return asText(body.Name) || asList(body.Names).map(asText).join(',');
    case 'states':
      return (
        lastSegment(body.stateMachineArn, ':') || lastSegment(body.executionArn, ':') || asText(body.name)
      );
    default:
      return '';
  }
}

function readTable(body: JsonBody): string {
  if (body.TableName !== undefined) return lastSegment(body.TableName, '/');
  if (typeof body.RequestItems === 'object' && body.RequestItems !== null) {
    return Object.keys(body.RequestItems).join(',');
  }
  const names = asList(body.TransactItems).flatMap((item) =>
    Object.values(item as JsonBody).map((action) => asText((action as JsonBody).TableName)),
  );
  return [...new Set(names)].join(',');
}

function readItemKind({ Key, Item }: JsonBody): string {
  const attributes = (Key ?? Item ?? {}) as Record<string, { S?: unknown } | undefined>;
  const words = ['pk', 'sk'].map((name) => /^[A-Z]+(?=#|$)/.exec(asText(attributes[name]?.S))?.[0] ?? '');
  return words.filter((word) => word !== '').join('/');
}

/** A secret may be asked for by ARN, which ends in a hyphen and six characters of its own. */
export function nameOfSecret(secretId: string): string {
  return (
    /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+?)(?:-[A-Za-z0-9]{6})?$/.exec(secretId)?.[1] ?? secretId
  );
}

function lastSegment(value: unknown, separator: string): string {
  return asText(value).split(separator).at(-1) ?? '';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
