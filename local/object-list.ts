// What lies in the buckets of the template.
import { HeadObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import type { AwsClientConfig } from './aws/local-aws.ts';

export interface ObjectRow {
  bucket: string;
  key: string;
  size: number;
  contentType: string | undefined;
  lastModified: string | undefined;
}

export interface ObjectList {
  list(prefix: string): Promise<ObjectRow[]>;
  close(): void;
}

/** A listing does not tell content types, so each object is asked, this many at a time. */
const headsAtOnce = 16;

/** Keys in the order of S3, bucket by bucket. */
export function createObjectList(client: AwsClientConfig, buckets: string[]): ObjectList {
  const s3 = new S3Client({ ...client, forcePathStyle: true });

  async function addContentType(row: ObjectRow): Promise<ObjectRow> {
    const head = await s3.send(new HeadObjectCommand({ Bucket: row.bucket, Key: row.key }));
    return { ...row, contentType: head.ContentType };
  }

  return {
    list: async (prefix) => {
      const rows: ObjectRow[] = [];
      for (const bucket of buckets) {
        for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key: key = '', Size: size = 0, LastModified } of page.Contents ?? []) {
            rows.push({
              bucket,
              key,
              size,
              contentType: undefined,
              lastModified: LastModified?.toISOString(),
            });
          }
        }
      }
      const complete: ObjectRow[] = [];
      for (let index = 0; index < rows.length; index += headsAtOnce) {
        complete.push(...(await Promise.all(rows.slice(index, index + headsAtOnce).map(addContentType))));
      }
      return complete;
    },
    close: () => s3.destroy(),
  };
}
