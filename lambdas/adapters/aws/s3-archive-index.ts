// Raw webhooks by time: their keys begin with the day, then the millisecond, so listing them is reading them in order.
import type { S3Client } from '@aws-sdk/client-s3';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ArchiveIndex } from '../../core/replay-ports.ts';
import { callStore } from './aws-errors.ts';

const msPerDay = 86_400_000;

export function createS3ArchiveIndex(client: S3Client, bucket: string, tenant: string): ArchiveIndex {
  return {
    async *list(from, to) {
      for (let day = from - (from % msPerDay); day < to; day += msPerDay) {
        const prefix = `raw/${tenant}/${new Date(day).toISOString().slice(0, 10)}/`;
        // All times have as many digits until the year 2286, so text sorts as time does.
        const last = `${prefix}${to}`;
        let after = `${prefix}${from - 1}~`;
        for (;;) {
          const { Contents = [], IsTruncated } = await callStore('archive list', () =>
            client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after })),
          );
          const keys = Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
          for (const key of keys) {
            if (key >= last) return;
            yield key;
          }
          const end = keys.at(-1);
          if (!IsTruncated || end === undefined) break;
          after = end;
        }
      }
    },
  };
}
