import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace } from '../../lambdas/runtime/env.ts';
import { type Deployment, nameOf } from '../config/names.ts';

/** A counter that a function of this deployment writes with its log lines, summed over five minutes. */
export function createBridgeMetric(deployment: Deployment, functionThing: string, name: string): Metric {
  const { tenant, stage } = deployment;
  return new Metric({
    namespace: metricNamespace,
    metricName: name,
    dimensionsMap: { tenant, stage, function: nameOf(deployment, functionThing) },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}
