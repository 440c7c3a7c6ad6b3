// Makes every resource name, and nothing else does: <tenant>-<stage>-<thing>.

/** What names depend on. */
export interface Deployment {
  tenant: string;
  stage: string;
}

/** Name of a resource or stack of this deployment. */
export function nameOf({ tenant, stage }: Deployment, thing: string): string {
  return `${tenant}-${stage}-${thing}`;
}

/** Name of the secret of one WhatsApp number. */
export function nameSecret(deployment: Deployment, phoneNumberId: string): string {
  return nameOf(deployment, `number-${phoneNumberId}`);
}

const longestBucketName = 63;

/** Bucket names are global, so they carry account and region. @throws Error when the name is too long for S3. */
export function nameBucket(deployment: Deployment, thing: string, account: string, region: string): string {
  const name = nameOf(deployment, `${thing}-${account}-${region}`);
  if (name.length > longestBucketName) {
    throw new Error(
      `bucket name ${name} has ${name.length} characters and S3 allows ${longestBucketName}: shorten the name of the tenant or of the stage`,
    );
  }
  return name;
}
