// From context values (-c tenant=… -c stage=…) to the two stacks of one tenant × stage.
import type { App } from 'aws-cdk-lib';
import { BundleError, bundle } from './bundling/bundle.ts';
import { loadTenant, localStage, type StageConfig } from './config/tenant-file.ts';
import { TenantFileError } from './config/tenant-file-error.ts';
import { BridgeStack } from './stacks/bridge-stack.ts';
import { StateStack } from './stacks/state-stack.ts';

/** Context values that do not choose a deployment. */
export class ContextError extends Error {
  override readonly name = 'ContextError';
}

/** Adds both stacks to the app and bundles what they deploy. @throws ContextError, TenantFileError, BundleError */
export function createBridge(app: App, root: string): void {
  const config = loadTenant(readChoice(app), root);
  const env = chooseEnvironment(config);
  const bundles = bundle(root);
  const state = new StateStack(app, config, env);
  new BridgeStack(app, { config, state, bundles, env });
}

/** One line for mistakes a person can correct; undefined for everything else. */
export function explainFailure(error: unknown): string | undefined {
  const expected = [ContextError, TenantFileError, BundleError].some((type) => error instanceof type);
  return expected && error instanceof Error ? error.message : undefined;
}

function readChoice(app: App): Parameters<typeof loadTenant>[0] {
  const tenant: unknown = app.node.tryGetContext('tenant');
  const tenantFile: unknown = app.node.tryGetContext('tenantFile');
  const stage: unknown = app.node.tryGetContext('stage');
  const example = 'for example: cdk synth -c tenant=example -c stage=local';
  if (!isName(tenant) && !isName(tenantFile)) {
    throw new ContextError(`choose a tenant with -c tenant=NAME or -c tenantFile=PATH, ${example}`);
  }
  if (!isName(stage)) throw new ContextError(`choose a stage with -c stage=NAME, ${example}`);
  return {
    stage,
    ...(isName(tenant) && { tenant }),
    ...(isName(tenantFile) && { tenantFile }),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Where nothing is known of an account, synth still works: these stand for "none" and cannot be deployed to. */
const unknownEnvironment = { account: '000000000000', region: 'eu-west-1' };

function chooseEnvironment({ stage, aws }: StageConfig): { account: string; region: string } {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  const fallback = stage === localStage ? {} : { account, region };
  return {
    account: aws.account ?? fallback.account ?? unknownEnvironment.account,
    region: aws.region ?? fallback.region ?? unknownEnvironment.region,
  };
}
