import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { Archive } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';

export function createS3Archive(client: S3Client, bucket: string): Archive {
  return {
    async put(key, bytes, contentType, deadlineMs) {
      await callStore('archive put', () =>
        client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: contentType }),
          {
            abortSignal: AbortSignal.timeout(deadlineMs),
          },
        ),
      );
    },
    get: (key) =>
      callStore('archive get', async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!Body) throw new TypeError('the object has no body');
        return Body.transformToByteArray();
      }),
  };
}
