// AWS clients with deadlines: an SDK call without one would outlive the invocation that waits for it.
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';

const requestHandler = {
  connectionTimeout: 1000,
  requestTimeout: 3000,
  // Without this the SDK only warns when a request takes longer.
  throwOnRequestTimeout: true,
  // For an answer that stops half way: the request timeout ends with its headers.
  socketTimeout: 3000,
};
const checksumsWhenRequired = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;
/** Shared by all clients. */
export const clientSettings = { requestHandler, maxAttempts: 4 };

/** Off AWS the queue URL may carry a host that only the emulator knows; the endpoint decides then. */
export function createSqsClient(endpoint: string | undefined = process.env.AWS_ENDPOINT_URL_SQS): SQSClient {
  return new SQSClient({ ...clientSettings, useQueueUrlAsEndpoint: endpoint === undefined });
}

export function createS3Client(): S3Client {
  return new S3Client({ ...clientSettings, ...checksumsWhenRequired });
}

/** For bodies that take as long as their sender: each call has a deadline of its own, and silence ends it here. */
export function createMediaS3Client(): S3Client {
  const patient = { connectionTimeout: 1000, requestTimeout: 0, socketTimeout: 10_000 };
  return new S3Client({ ...clientSettings, ...checksumsWhenRequired, requestHandler: patient });
}

export function createSecretsClient(): SecretsManagerClient {
  return new SecretsManagerClient(clientSettings);
}

export function createSfnClient(): SFNClient {
  return new SFNClient(clientSettings);
}
