// Everything that is replaced at a deploy, composed in the order a message travels.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BundleError, type Bundles } from '../bundling/bundle.ts';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import type { BridgeState } from '../constructs/bridge-state.ts';
import { InboundPipeline } from '../constructs/inbound-pipeline.ts';
import { OrderedQueue } from '../constructs/ordered-queue.ts';
import { createVendorLayer } from '../constructs/vendor-layer.ts';
import { Watch } from '../constructs/watch.ts';
import { healthPath, metaWebhookPath, WebhookDoors } from '../constructs/webhook-doors.ts';

/** What the bridge stack is made from. */
export interface BridgeStackProps {
  config: StageConfig;
  state: BridgeState;
  bundles: Bundles;
  env: Required<NonNullable<StackProps['env']>>;
}

/** The replaceable half of a deployment. */
export class BridgeStack extends Stack {
  constructor(scope: Construct, { config, state, bundles, env }: BridgeStackProps) {
    super(scope, nameOf(config, 'bridge'), { env });
    const watch = new Watch(this, 'Watch', config);
    const layer = createVendorLayer(this, 'Vendor', {
      name: nameOf(config, 'vendor'),
      folder: bundles.layer,
    });

    const inbound = new InboundPipeline(this, 'InboundPipeline', {
      config,
      state,
      bundle: pickBundle(bundles, 'inbound-worker'),
      layer,
      watch,
    });
    const receipts = new OrderedQueue(this, 'Receipts', {
      deployment: config,
      thing: 'receipts',
      visibilitySeconds: config.timing.visibilitySeconds,
      watch,
      isRead: false,
    });
    const doors = new WebhookDoors(this, 'WebhookDoors', {
      config,
      state,
      inboundQueue: inbound.queue,
      receiptsQueue: receipts.queue,
      bundles: {
        metaDoor: pickBundle(bundles, 'meta-door'),
        mediaDoor: pickBundle(bundles, 'media-door'),
        health: pickBundle(bundles, 'health'),
      },
      layer,
      watch,
    });
    inbound.linkMediaTo(doors.url);
    this.addOutputs(config, doors.url);
  }

  private addOutputs(config: StageConfig, url: string): void {
    const outputs = {
      MetaWebhookUrl: `${url}${metaWebhookPath}`,
      HealthUrl: `${url}${healthPath}`,
      Tenant: config.tenant,
      Stage: config.stage,
      Numbers: JSON.stringify(
        config.numbers.map(({ channel, phoneNumberId, integrationId }) => ({
          channel,
          phoneNumberId,
          integrationId,
        })),
      ),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

function pickBundle({ functions }: Bundles, name: string): string {
  const folder = functions[name];
  if (folder === undefined) {
    throw new BundleError(`the stack needs lambdas/handlers/${name}.ts, which does not exist; add it`);
  }
  return folder;
}
