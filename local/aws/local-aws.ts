// The only AWS the local run knows: one server on 127.0.0.1 that every call of a function passes, so that calls can be
// counted, refused and made to fail. What answers behind it is embedded, or an endpoint given from outside.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull } from 'node:os';
import type { InvokeResult } from '../invocation.ts';
import { createRequestListener } from './aws-proxy.ts';
import { CallLog } from './call-log.ts';
import { type Execution, Executions } from './executions.ts';
import { FaultRules } from './fault-rules.ts';
import { createJsonService } from './json-service.ts';
import type { MachinePlan } from './machine-definition.ts';
import { RUNNER_PREFIX } from './signed-caller.ts';
import { createStateOperations } from './state-operations.ts';

/** Services that can be served, as they are named in the credential scope of a signature. */
export type AwsService = 'dynamodb' | 'sqs' | 's3' | 'secretsmanager' | 'ssm' | 'states';

export interface LocalAwsOptions {
  /** 0 takes any free port. */
  port: number;
  region: string;
  accountId: string;
  /** Services the template uses; all others are refused with an error that names them. */
  services: ReadonlySet<AwsService>;
  /** Serves the calls instead of the embedded parts, all but those of Step Functions: it cannot call our functions. */
  externalEndpoint?: URL;
}

/** One HTTP request of a function to AWS, retries of the SDK counted apart. */
export interface AwsCall {
  /** From 1, without gaps, never reset. */
  seq: number;
  /** Arrival in epoch milliseconds. */
  at: number;
  function: string;
  service: string;
  operation: string;
  /** Name of the table, queue, secret or parameter, `bucket` or `bucket/key`; empty when the call names none. */
  resource: string;
  /** Kind of the one item a call to a table touches, such as `CUST/PROFILE`; left out when it touches none or many. */
  item?: string;
}

/** Trouble put into calls of functions: the first rule that matches a call wins. */
export interface AwsFault {
  service: string;
  operation?: string;
  function?: string;
  /** How many calls it meets; without it, all. */
  times?: number;
  /** Waits before the action, or before the normal answer when there is no action. */
  delayMs?: number;
  /** An error answered before the call takes effect, or a connection reset after it did. */
  action?: { error: string } | 'applied-then-reset';
}

/** What a hook says about a call: let it pass, or answer the named error. */
export type CallVerdict = 'allow' | { error: string; message: string };
export type CallHook = (call: AwsCall, body: Buffer) => Promise<CallVerdict>;

/** Settings of an SDK client; made to be spread into its constructor argument. */
export interface AwsClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export interface LocalAws {
  /** `http://127.0.0.1:<port>`, no slash at the end. */
  url: string;
  region: string;
  accountId: string;
  /** Calls made by functions with `seq` above `since`; the last 200,000 are kept. */
  calls(since: number): AwsCall[];
  /** Replaces all faults. @throws Error naming the rule and the key that is malformed. */
  putFaults(faults: AwsFault[]): void;
  clearFaults(): void;
  /** For clients of the runner itself (pump, provisioning, control): their calls are neither recorded nor faulted. */
  clientConfig(caller: string): AwsClientConfig;
  /** The AWS part of a function's environment; its calls are recorded under this name. */
  functionEnv(functionName: string): Record<string, string>;
  /** Asks `hook` about every call of a function before it takes effect; `undefined` takes the hook away. */
  onCall(hook: CallHook | undefined): void;
  /** Takes the state machines that may be started, and the way in which they call functions. @throws Error on an invalid one. */
  hostMachines(
    machines: readonly MachinePlan[],
    invoke: (functionName: string, event: unknown) => Promise<InvokeResult>,
  ): Promise<void>;
  /** Executions of all state machines, in order of their start. */
  executions(): Execution[];
  /** Ends executions, open connections, long polls and the embedded parts. */
  close(): Promise<void>;
}

/** One key for everybody: presigned URLs made by one function must verify whoever fetches them. */
const SECRET_ACCESS_KEY = 'local-run-dummy-secret';
/** Names the SDK builds its endpoint variables from. */
const ENDPOINT_SUFFIXES = ['DYNAMODB', 'SQS', 'S3', 'SECRETS_MANAGER', 'SSM', 'SFN'];
/** Node's default of 5 s races the SDK, which keeps connections longer and then writes into a closed one. */
const KEEP_ALIVE_MS = 75_000;

/** Listens on 127.0.0.1 before it resolves. @throws Error of the server when the port is taken. */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { region, accountId, services, externalEndpoint } = options;
  const executions = new Executions();
  const states = createJsonService(createStateOperations(executions));
  const backend = externalEndpoint
    ? (await import('./external-services.ts')).startExternalServices(externalEndpoint, states)
    : await (await import('./embedded-services.ts')).startEmbeddedServices({
        region,
        accountId,
        secretAccessKey: SECRET_ACCESS_KEY,
        states,
      });
  const calls = new CallLog();
  const faults = new FaultRules();
  const seams: { hook?: CallHook } = {};
  const listener = createRequestListener({ services, backend, calls, faults, askHook: () => seams.hook });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    region,
    accountId,
    calls: (since) => calls.since(since),
    putFaults: (rules) => faults.replace(rules),
    clearFaults: () => faults.replace([]),
    clientConfig: (caller) => ({
      endpoint: url,
      region,
      credentials: { accessKeyId: `${RUNNER_PREFIX}${caller}`, secretAccessKey: SECRET_ACCESS_KEY },
    }),
    functionEnv: (functionName) => createFunctionEnv(functionName, url, region),
    onCall: (hook) => {
      seams.hook = hook;
    },
    hostMachines: (machines, invoke) => executions.host(machines, invoke),
    executions: () => executions.list().reverse(),
    close: async () => {
      executions.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await backend.close();
    },
  };
}

function createFunctionEnv(functionName: string, url: string, region: string): Record<string, string> {
  const endpoints = ENDPOINT_SUFFIXES.map((suffix) => [`AWS_ENDPOINT_URL_${suffix}`, url]);
  return {
    AWS_ACCESS_KEY_ID: functionName,
    AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: url,
    ...Object.fromEntries(endpoints),
    AWS_EC2_METADATA_DISABLED: 'true',
    // A developer's own profile may carry endpoints and accounts: functions read an empty one.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}
