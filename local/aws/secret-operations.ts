// Secrets Manager as far as functions and provisioning use it; values live in memory only.

import { createHash, randomUUID } from 'node:crypto';
import { nameOfSecret } from './call-description.ts';
import { type JsonInput, type JsonOperations, JsonServiceError, readText } from './json-service.ts';

interface StoredSecret {
  ARN: string;
  Name: string;
  VersionId: string;
  /** Epoch seconds. */
  CreatedDate: number;
  value: { SecretString?: string; SecretBinary?: string };
}

/** CreateSecret, PutSecretValue, GetSecretValue, DescribeSecret; a secret is found by name or by ARN. */
export function createSecretOperations({
  region,
  accountId,
}: {
  region: string;
  accountId: string;
}): JsonOperations {
  const secrets = new Map<string, StoredSecret>();

  function find(input: JsonInput): StoredSecret {
    const secretId = readText(input, 'SecretId');
    const secret = secrets.get(secretId) ?? secrets.get(nameOfSecret(secretId));
    if (secret) return secret;
    throw new JsonServiceError(
      'ResourceNotFoundException',
      "Secrets Manager can't find the specified secret.",
    );
  }

  return {
    CreateSecret: (input) => {
      const name = readText(input, 'Name');
      if (secrets.has(name)) {
        throw new JsonServiceError('ResourceExistsException', `The secret ${name} already exists.`);
      }
      const ending = createHash('sha256').update(name).digest('hex').slice(0, 6);
      const secret: StoredSecret = {
        ARN: `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${ending}`,
        Name: name,
        VersionId: randomUUID(),
        CreatedDate: Date.now() / 1000,
        value: readValue(input),
      };
      secrets.set(name, secret);
      return { ARN: secret.ARN, Name: name, VersionId: secret.VersionId };
    },
    PutSecretValue: (input) => {
      const secret = find(input);
      Object.assign(secret, { value: readValue(input), VersionId: randomUUID() });
      return {
        ARN: secret.ARN,
        Name: secret.Name,
        VersionId: secret.VersionId,
        VersionStages: ['AWSCURRENT'],
      };
    },
    GetSecretValue: (input) => {
      const { value, ...facts } = find(input);
      if (value.SecretString === undefined && value.SecretBinary === undefined) {
        const message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
        throw new JsonServiceError('ResourceNotFoundException', message);
      }
      return { ...facts, ...value, VersionStages: ['AWSCURRENT'] };
    },
    DescribeSecret: (input) => {
      const { ARN, Name, CreatedDate, VersionId } = find(input);
      return { ARN, Name, CreatedDate, VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] } };
    },
  };
}

function readValue(input: JsonInput): StoredSecret['value'] {
  const { SecretString, SecretBinary } = input;
  return {
    ...(typeof SecretString === 'string' && { SecretString }),
    ...(typeof SecretBinary === 'string' && { SecretBinary }),
  };
}
