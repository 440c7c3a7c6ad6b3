// Alarms and where they ring. Every alarm says how bad it is, what it means for customers and where to read on.
import { Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type Deployment, nameOf } from '../config/names.ts';

/** One alarm. */
export interface AlarmProps {
  /** Short name; also the heading of its section in docs/runbook.md. */
  name: string;
  /** `critical`: customers are losing or missing messages. `warning`: they will, if nobody looks. */
  severity: 'critical' | 'warning';
  /** What it means for customers and agents, one sentence. */
  impact: string;
  metric: IMetric;
  /** Rings when the metric is above this value. */
  above: number;
  /** Periods in a row that must be above. @default 1 */
  periods?: number;
}

/** The alarm topic of a deployment, and the only way to make an alarm. */
export class Watch extends Construct {
  private readonly deployment: Deployment;
  private readonly topic: Topic;

  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    this.deployment = deployment;
    // Not encrypted with the AWS-managed key, through which CloudWatch cannot publish; alarms carry no personal data.
    this.topic = new Topic(this, 'Alarms', { topicName: nameOf(deployment, 'alarms'), enforceSSL: true });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }

  /** Adds an alarm that rings and clears on the topic; no data counts as good. */
  addAlarm({ name, severity, impact, metric, above, periods = 1 }: AlarmProps): void {
    const alarm = new Alarm(this, name, {
      alarmName: nameOf(this.deployment, `${severity}-${name}`),
      alarmDescription: `${severity.toUpperCase()}: ${impact} Runbook: docs/runbook.md#${name}`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
}
