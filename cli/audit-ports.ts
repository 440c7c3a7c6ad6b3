// What the audit reads: archive and ledger of one deployment.
import { createS3Client } from '../lambdas/adapters/aws/clients.ts';
import { createDynamoClient } from '../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoLedgerSearch } from '../lambdas/adapters/aws/dynamo-ledger-search.ts';
import { createS3Archive } from '../lambdas/adapters/aws/s3-archive.ts';
import { createS3ArchiveIndex } from '../lambdas/adapters/aws/s3-archive-index.ts';
import { hashText } from '../lambdas/adapters/pseudonyms.ts';
import type { AuditPorts } from '../lambdas/flows/audit-conservation.ts';
import type { Connection } from './connect.ts';

export function createAuditPorts({
  tenant,
  archiveBucket,
  ledgerTable,
  integrations,
}: Connection): Omit<AuditPorts, 'onProgress'> {
  const client = createS3Client();
  return {
    archive: createS3Archive(client, archiveBucket),
    archiveIndex: createS3ArchiveIndex(client, archiveBucket, tenant),
    ledger: createDynamoLedgerSearch(createDynamoClient(), ledgerTable),
    terms: {
      hash: hashText,
      numberOfIntegration: new Map([...integrations].map(([number, integration]) => [integration, number])),
    },
  };
}
