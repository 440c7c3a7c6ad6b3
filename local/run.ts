// Starts everything in the order in which the parts need each other, and stops it the other way round.
import { markAsCommonJs, readAssembly } from './assembly.ts';
import { type LocalAws, startLocalAws } from './aws/local-aws.ts';
import { provision, queueUrl } from './aws/provision.ts';
import { refuseAsAws } from './aws-refusals.ts';
import { startControl } from './control.ts';
import { describeEndpoints, type Urls, writeEndpoints } from './endpoints.ts';
import { createExpiry } from './expiry.ts';
import { createFunctionHost, type FunctionHost } from './function-host.ts';
import { startHttpDoor } from './http-door.ts';
import { createLedgerQuery } from './ledger-query.ts';
import { LogStore } from './log-store.ts';
import { MetricStore } from './metric-store.ts';
import { createObjectList } from './object-list.ts';
import type { Plan } from './plan.ts';
import { startQueuePump } from './queue-pump.ts';
import { startSchedules } from './schedules.ts';
import { fillSecrets } from './secret-values.ts';
import { loadSecrets } from './secrets-file.ts';
import { type StandIns, startStandIns } from './stand-ins/stand-ins.ts';
import { type PortUse, requireBundles } from './start-checks.ts';
import { findServices, readPlan } from './template-reader.ts';

export interface RunOptions {
  /** Folder of the cloud assembly. */
  assembly: string;
  dir: string;
  ports: Record<PortUse, number>;
  externalEndpoint: URL | undefined;
  /** Path of `function-sandbox.ts`. */
  sandboxFile: string;
  onTrouble: (line: string) => void;
}

export interface Run {
  urls: Urls;
  /** Ends everything; the process can end by itself afterwards. */
  stop(): Promise<void>;
}

type Close = () => unknown;

/** Account and region of the local run; the queue emulator knows no other account. */
const accountId = '000000000000';
const region = 'eu-west-1';

/** @throws what hindered the start, after closing what was started before it. */
export async function startRun(options: RunOptions): Promise<Run> {
  const closes: Close[] = [];
  const stop = async () => {
    // One part that does not close properly must not keep the others open.
    for (const close of closes.splice(0).reverse()) {
      await Promise.resolve(close()).catch((error) => options.onTrouble(`while stopping: ${String(error)}`));
    }
  };
  try {
    return { urls: await startParts(options, (close) => closes.push(close)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(options: RunOptions, onStop: (close: Close) => void): Promise<Urls> {
  const { assembly, dir, ports, externalEndpoint } = options;
  markAsCommonJs(assembly);
  const stacks = readAssembly(assembly);
  const services = findServices(stacks);
  const aws = await startLocalAws({
    port: ports.aws,
    region,
    accountId,
    services,
    ...(externalEndpoint ? { externalEndpoint } : {}),
  });
  onStop(() => aws.close());

  const plan = readPlan(stacks, { awsUrl: aws.url, region, accountId });
  requireBundles(plan.functions);
  refuseAsAws(plan);
  const secrets = loadSecrets(
    dir,
    plan.numbers.map(({ phoneNumberId }) => phoneNumberId),
  );
  await provision(aws, { ...plan, secrets: fillSecrets(plan, secrets) });

  // Filled below: the stand-ins and the functions need each other's address.
  const bridge = { url: '' };
  const standIns = await startStandIns({
    port: ports['stand-ins'],
    bridgeUrl: () => bridge.url,
    numbers: plan.numbers,
    secrets,
  });
  onStop(() => standIns.close());

  const logs = new LogStore();
  const metrics = new MetricStore();
  const host = createFunctionHost({
    functions: plan.functions,
    region,
    accountId,
    extraEnvironment: (name) => ({
      ...aws.functionEnv(name),
      ...namePlayedProviders(plan, standIns),
      // The API's own address leads to AWS; links are to open here.
      PUBLIC_URL: bridge.url,
    }),
    sandboxFile: options.sandboxFile,
    onLine: (name, line) => {
      logs.add(name, line);
      metrics.addLine(line);
    },
  });
  onStop(() => host.close());

  const ledger = createLedgerQuery(
    aws.clientConfig('control'),
    plan.tables.map(({ name }) => name),
  );
  onStop(() => ledger.close());
  const objects = createObjectList(
    aws.clientConfig('control'),
    plan.buckets.map(({ name }) => name),
  );
  onStop(() => objects.close());
  const expiry = createExpiry(aws.clientConfig('expiry'), plan.tables);
  onStop(() => expiry.close());
  const schedules = startSchedules({ rules: plan.rules, region, accountId, invoke: host.invoke });
  onStop(() => schedules.stop());
  const control = await startControl({
    port: ports.control,
    plan,
    aws,
    host,
    logs,
    metrics,
    ledger,
    objects,
    time: { fireSchedules: () => schedules.fire(), expire: () => expiry.expire() },
  });
  onStop(() => control.close());

  await aws.hostMachines(plan.machines, host.invoke);
  startPumps(plan, aws, host, options.onTrouble).forEach(onStop);
  const door = await startHttpDoor({ port: ports.bridge, routes: plan.routes, invoke: host.invoke });
  onStop(() => door.close());
  bridge.url = door.url;

  const urls: Urls = {
    bridge: door.url,
    meta: standIns.metaUrl,
    genesys: standIns.genesysUrl,
    control: control.url,
    aws: aws.url,
  };
  onStop(writeEndpoints(dir, describeEndpoints(urls, plan, secrets)));
  return urls;
}

function startPumps(
  plan: Plan,
  aws: LocalAws,
  host: FunctionHost,
  onTrouble: RunOptions['onTrouble'],
): Close[] {
  const enabled = plan.sources.filter((source) => source.enabled);
  return enabled.map((source) => {
    const pump = startQueuePump({
      source,
      queueUrl: queueUrl(aws, source.queueName),
      client: aws.clientConfig('pump'),
      invoke: host.invoke,
      onTrouble,
    });
    return () => pump.stop();
  });
}

/** Only the local stage listens to these; in a deployed one they would be a way to send messages elsewhere. */
function namePlayedProviders({ stage }: Plan, { metaUrl, genesysUrl }: StandIns): Record<string, string> {
  return stage === 'local' ? { LOCAL_GENESYS_URL: genesysUrl, LOCAL_META_URL: metaUrl } : {};
}
