import { RemovalPolicy } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type Deployment, nameOf } from '../config/names.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import type { Watch } from './watch.ts';

/**
 * The parameter with which operators suspend a tenant or a number without a deploy.
 * Never change its properties on a living stage: CloudFormation would write the empty value over what is switched.
 */
export function createRuntimeSwitches(
  scope: Construct,
  id: string,
  deployment: Deployment,
  retained: boolean,
): StringParameter {
  const parameter = new StringParameter(scope, id, {
    parameterName: nameOf(deployment, 'switches'),
    stringValue: '{}',
  });
  parameter.applyRemovalPolicy(retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
  return parameter;
}

/** Tells operators what a suspension holds back, and when the switches are not understood. */
export function watchSwitches(deployment: Deployment, watch: Watch): void {
  watch.addAlarm({
    name: 'messages-held',
    severity: 'warning',
    impact:
      'Customers write to a suspended tenant or number; their messages are kept, and no agent sees them.',
    metric: createBridgeMetric(deployment, 'inbound-worker', 'Messages.HELD'),
    above: 0,
  });
  watch.addAlarm({
    name: 'switches-unreadable',
    severity: 'warning',
    impact: 'The runtime switches cannot be read or understood; a change to them has no effect.',
    metric: createBridgeMetric(deployment, 'inbound-worker', 'SwitchesUnreadable'),
    above: 0,
    periods: 3,
  });
}
