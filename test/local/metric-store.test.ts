import { MetricStore } from '../../local/metric-store.ts';

function aLine(values: Record<string, unknown>, dimensions: string[][] = [['stage']]): string {
  const metrics = Object.keys(values).map((Name) => ({ Name, Unit: 'Count' }));
  const directive = { Namespace: 'Bridge', Dimensions: dimensions, Metrics: metrics };
  return JSON.stringify({
    _aws: { Timestamp: 1, CloudWatchMetrics: [directive] },
    stage: 'local',
    channel: 'meta',
    ...values,
  });
}

describe('MetricStore', () => {
  it('sums a metric over all lines and per dimension set', () => {
    const metrics = new MetricStore();

    metrics.addLine(aLine({ Accepted: 2 }));
    metrics.addLine(aLine({ Accepted: 3 }, [['stage', 'channel'], ['stage'], []]));

    expect(metrics.read()).toEqual({
      Bridge: { Accepted: 5, 'Accepted{stage=local}': 5, 'Accepted{stage=local,channel=meta}': 3 },
    });
  });

  it('sums the values of a list and takes a missing value for nothing', () => {
    const metrics = new MetricStore();

    metrics.addLine(aLine({ Duration: [1, 2.5], Missing: undefined }, []));

    expect(metrics.read()).toEqual({ Bridge: { Duration: 3.5, Missing: 0 } });
  });

  it.each([
    'plain',
    '{"CloudWatchMetrics" broken',
    '{"_aws":{},"x":"\\"CloudWatchMetrics\\""}',
    '{"CloudWatchMetrics":null}',
  ])('changes nothing for %s', (line) => {
    const metrics = new MetricStore();

    metrics.addLine(line);

    expect(metrics.read()).toEqual({});
  });
});
