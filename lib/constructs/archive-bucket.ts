import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** How long what is archived is kept. */
export interface ArchiveBucketProps {
  bucketName: string;
  rawDays: number;
  mediaDays: number;
  retained: boolean;
}

/** Makes the archive: raw webhooks, claim checks of large ones, media; each expires by its prefix. */
export function createArchiveBucket(scope: Construct, id: string, props: ArchiveBucketProps): Bucket {
  const expire = (prefix: string, days: number) => ({
    id: `expire-${prefix}`,
    prefix: `${prefix}/`,
    expiration: Duration.days(days),
  });
  return new Bucket(scope, id, {
    bucketName: props.bucketName,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    // Expired must mean gone: a version would keep a customer's words past their retention.
    versioned: false,
    lifecycleRules: [
      expire('raw', props.rawDays),
      expire('claims', props.rawDays),
      // Dead letters that nobody could read.
      expire('unreadable', props.rawDays),
      expire('media', props.mediaDays),
      // Selections and lists of ids of replays, as old as what they are about.
      expire('replays', props.rawDays),
      { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    ],
    removalPolicy: props.retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
