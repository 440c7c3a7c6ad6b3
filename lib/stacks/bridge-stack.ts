// Everything that is replaced at a deploy, composed in the order a message travels.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Bundles } from '../bundling/bundle.ts';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import { BridgeQueues } from '../constructs/bridge-queues.ts';
import type { BridgeState } from '../constructs/bridge-state.ts';
import { ConversationEnds } from '../constructs/conversation-ends.ts';
import { InboundPipeline } from '../constructs/inbound-pipeline.ts';
import { OutboundPipeline } from '../constructs/outbound-pipeline.ts';
import { ReceiptsPipeline } from '../constructs/receipts-pipeline.ts';
import { Redelivery } from '../constructs/redelivery.ts';
import { arnOfRedeliveryMachine } from '../constructs/redelivery-machine.ts';
import { Replay } from '../constructs/replay.ts';
import { createVendorLayer } from '../constructs/vendor-layer.ts';
import { Watch } from '../constructs/watch.ts';
import {
  genesysWebhookPath,
  healthPath,
  metaWebhookPath,
  WebhookDoors,
} from '../constructs/webhook-doors.ts';

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

    const context = { config, state, bundles, layer, watch };
    const queues = new BridgeQueues(this, 'Queues', config, watch);
    const doors = new WebhookDoors(this, 'WebhookDoors', { ...context, queues });
    const pipeline = {
      ...context,
      queues,
      publicUrl: doors.url,
      machineArn: arnOfRedeliveryMachine(this, config),
    };
    new InboundPipeline(this, 'InboundPipeline', pipeline);
    new OutboundPipeline(this, 'OutboundPipeline', pipeline);
    new Redelivery(this, 'Redelivery', pipeline);
    new Replay(this, 'Replay', pipeline);
    new ReceiptsPipeline(this, 'ReceiptsPipeline', context, queues);
    const { eventSource } = config.genesys;
    if (eventSource !== undefined) {
      new ConversationEnds(this, 'ConversationEnds', context, queues, eventSource);
    }
    this.addOutputs(config, doors.url);
  }

  private addOutputs(config: StageConfig, url: string): void {
    const outputs = {
      MetaWebhookUrl: `${url}${metaWebhookPath}`,
      // One route per integration: its id is to be put at the end.
      GenesysWebhookUrl: `${url}${genesysWebhookPath}`,
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
