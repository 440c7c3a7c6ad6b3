import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
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

/** The sum of a counter over several functions, or of several counters of one. */
export function sumMetrics(label: string, metrics: readonly Metric[]): IMetric {
  const names = metrics.map((_, index) => `m${index}`);
  return new MathExpression({
    label,
    // A function that has nothing to count writes nothing.
    expression: names.map((name) => `FILL(${name}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    period: Duration.minutes(5),
  });
}
