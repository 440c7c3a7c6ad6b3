// The parts that serve the calls in this process, without a port of their own.

import type { ServiceBackend } from './aws-proxy.ts';
import { startTables } from './dynalite-tables.ts';
import { startQueuesAndObjects } from './fauxqs-app.ts';
import { createJsonService } from './json-service.ts';
import type { AwsService } from './local-aws.ts';
import { createParameterOperations } from './parameter-operations.ts';
import { createSecretOperations } from './secret-operations.ts';

export interface EmbeddedOptions {
  region: string;
  accountId: string;
  /** The key presigned URLs must have been signed with. */
  secretAccessKey: string;
  /** Serves Step Functions. */
  states: ServiceBackend['serve'];
}

/** Everything is kept in memory and gone at `close`. */
export async function startEmbeddedServices(options: EmbeddedOptions): Promise<ServiceBackend> {
  const queuesAndObjects = await startQueuesAndObjects(options);
  const handlers: Record<AwsService, ServiceBackend['serve']> = {
    dynamodb: startTables(),
    sqs: queuesAndObjects.serve,
    s3: queuesAndObjects.serve,
    secretsmanager: createJsonService(createSecretOperations(options)),
    ssm: createJsonService(createParameterOperations(options)),
    states: options.states,
  };
  return {
    serve: (service, request, response) => handlers[service](service, request, response),
    close: queuesAndObjects.close,
  };
}
