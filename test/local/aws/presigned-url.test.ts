import { checkPresignedUrl } from '../../../local/aws/presigned-url.ts';

// The example of the AWS documentation, with its keys:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const SIGNED_AT = Date.UTC(2013, 4, 24);
const QUERY = {
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
  'X-Amz-Date': '20130524T000000Z',
  'X-Amz-Expires': '86400',
  'X-Amz-SignedHeaders': 'host',
  'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
};

function aRequest(changes: Record<string, string | undefined> = {}, host = 'examplebucket.s3.amazonaws.com') {
  const query = Object.entries({ ...QUERY, ...changes }).filter(([, value]) => value !== undefined) as [
    string,
    string,
  ][];
  return { method: 'GET', target: `/test.txt?${new URLSearchParams(query)}`, headers: { host } };
}

test("accepts the documentation's example until the second it expires", () => {
  const lastMoment = SIGNED_AT + 86_400_000;

  expect(checkPresignedUrl(aRequest(), SECRET, SIGNED_AT)).toBeUndefined();
  expect(checkPresignedUrl(aRequest(), SECRET, lastMoment)).toBeUndefined();
  expect(checkPresignedUrl(aRequest(), SECRET, lastMoment + 1)).toMatchObject({
    name: 'AccessDenied',
    status: 403,
  });
});

test.each([
  ['another secret', aRequest(), 'other'],
  ['another host', aRequest({}, 'other.s3.amazonaws.com'), SECRET],
  ['another query', aRequest({ versionId: '1' }), SECRET],
  ['a longer life', aRequest({ 'X-Amz-Expires': '86401' }), SECRET],
])('refuses %s', (_what, request, secret) => {
  expect(checkPresignedUrl(request, secret, SIGNED_AT)).toMatchObject({
    name: 'SignatureDoesNotMatch',
    status: 403,
  });
});

test.each([
  ['no date', { 'X-Amz-Date': undefined }],
  ['a date that is none', { 'X-Amz-Date': 'yesterday' }],
  ['no expiry', { 'X-Amz-Expires': undefined }],
  ['an expiry of zero', { 'X-Amz-Expires': '0' }],
  ['an expiry over seven days', { 'X-Amz-Expires': '604801' }],
  ['no signature', { 'X-Amz-Signature': undefined }],
])('refuses a URL with %s as malformed', (_what, changes) => {
  expect(checkPresignedUrl(aRequest(changes), SECRET, SIGNED_AT)).toMatchObject({ status: 400 });
});

test('has nothing to say about requests that are not presigned', () => {
  expect(checkPresignedUrl({ method: 'GET', target: '/test.txt', headers: {} }, SECRET, 0)).toBeUndefined();
});
