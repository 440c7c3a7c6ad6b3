import { nameBucket, nameOf, nameSecret } from '../../../lib/config/names.ts';

const deployment = { tenant: 'acme', stage: 'prod' };

describe('names', () => {
  it('are tenant, stage and thing', () => {
    expect(nameOf(deployment, 'inbound.fifo')).toBe('acme-prod-inbound.fifo');
    expect(nameSecret(deployment, '123')).toBe('acme-prod-number-123');
  });

  it('of buckets carry account and region', () => {
    expect(nameBucket(deployment, 'archive', '123456789012', 'eu-west-2')).toBe(
      'acme-prod-archive-123456789012-eu-west-2',
    );
  });

  it('of buckets are refused when S3 would refuse them', () => {
    const long = { tenant: 'a'.repeat(21), stage: 'acceptance' };

    expect(() => nameBucket(long, 'archive', '123456789012', 'ap-southeast-1')).toThrow(
      'S3 allows 63: shorten',
    );
  });
});
