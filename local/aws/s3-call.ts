// S3 names no operation in its requests: method, path and query tell.

import type { ArrivedRequest } from './arrived-request.ts';
import type { CallDescription } from './call-description.ts';

/** Operation of a path-style S3 request; the resource is `bucket` or `bucket/key`, decoded. */
export function describeObjectCall(request: ArrivedRequest): CallDescription {
  const [bucket = '', ...rest] = request.path.slice(1).split('/');
  const key = rest.join('/');
  if (!bucket) return { operation: 'ListBuckets', resource: '' };
  if (!key) return { operation: nameBucketOperation(request), resource: decode(bucket) };
  return { operation: nameObjectOperation(request), resource: `${decode(bucket)}/${decode(key)}` };
}

function nameBucketOperation({ method, query }: ArrivedRequest): string {
  const subject = query.has('lifecycle') ? 'BucketLifecycleConfiguration' : 'Bucket';
  switch (method) {
    case 'PUT':
      return subject === 'Bucket' ? 'CreateBucket' : `Put${subject}`;
    case 'HEAD':
      return 'HeadBucket';
    case 'DELETE':
      return `Delete${subject}`;
    case 'POST':
      return query.has('delete') ? 'DeleteObjects' : 'PostObject';
    default:
      if (subject !== 'Bucket') return `Get${subject}`;
      if (query.has('uploads')) return 'ListMultipartUploads';
      if (query.has('location')) return 'GetBucketLocation';
      return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  }
}

function nameObjectOperation({ method, query, wire }: ArrivedRequest): string {
  const copies = 'x-amz-copy-source' in wire.headers;
  switch (method) {
    case 'PUT':
      if (query.has('uploadId')) return copies ? 'UploadPartCopy' : 'UploadPart';
      if (query.has('tagging')) return 'PutObjectTagging';
      return copies ? 'CopyObject' : 'PutObject';
    case 'HEAD':
      return 'HeadObject';
    case 'DELETE':
      if (query.has('uploadId')) return 'AbortMultipartUpload';
      return query.has('tagging') ? 'DeleteObjectTagging' : 'DeleteObject';
    case 'POST':
      return query.has('uploads') ? 'CreateMultipartUpload' : 'CompleteMultipartUpload';
    default:
      if (query.has('uploadId')) return 'ListParts';
      if (query.has('tagging')) return 'GetObjectTagging';
      return query.has('attributes') ? 'GetObjectAttributes' : 'GetObject';
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: the name as it was sent is still the best one.
    return text;
  }
}
