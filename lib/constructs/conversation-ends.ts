// Genesys tells the ends of conversations through EventBridge only, on a bus that belongs to its partner event source.
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { nameOf } from '../config/names.ts';
import type { BridgeQueues } from './bridge-queues.ts';
import { allowClaiming, allowSecrets } from './function-grants.ts';
import { describeConversations, describeStores } from './function-variables.ts';
import { createMover, type MoverContext } from './mover.ts';

/** Forgets conversations that have ended, unless a later session has begun in them. The bus is not ours: several stages may listen to one. */
export class ConversationEnds extends Construct {
  constructor(
    scope: Construct,
    id: string,
    context: MoverContext,
    queues: BridgeQueues,
    eventSource: string,
  ) {
    super(scope, id);
    const { config, state } = context;
    const { queue } = queues.outbound;
    const handler = createMover(this, 'Handler', context, {
      thing: 'conversation-end',
      variables: {
        ...describeStores(config, state),
        ...describeConversations(config),
        [Env.outboundQueueUrl]: queue.queueUrl,
      },
      impact:
        'Ends of conversations are not noticed; a customer who writes again may be shown in the old one.',
    });
    allowClaiming(handler, state);
    handler.allow(['sqs:SendMessage'], [queue.queueArn]);
    allowSecrets(handler, state);
    new Rule(this, 'Rule', {
      ruleName: nameOf(config, 'conversation-end'),
      eventBus: EventBus.fromEventBusName(this, 'Bus', eventSource),
      eventPattern: {
        source: [eventSource],
        // The braces are part of it: Genesys does not fill them in.
        detailType: ['start', 'end'].map((phase) => `v2.detail.events.conversation.{id}.customer.${phase}`),
        detail: { eventBody: { messageType: ['OPEN'] } },
      },
      targets: [new LambdaFunction(handler.lambda)],
    });
  }
}
