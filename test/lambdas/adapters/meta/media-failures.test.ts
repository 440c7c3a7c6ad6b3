import { readDownloadFailure, readLookUpFailure } from '../../../../lambdas/adapters/meta/media-failures.ts';

const graph = (code: number, error_subcode?: number) => JSON.stringify({ error: { code, error_subcode } });

it.each([
  [401, '', 'token-refused', 'credential-rejected'],
  [403, '', 'token-refused', 'credential-rejected'],
  [400, graph(190), 'token-refused', 'credential-rejected'],
  [400, graph(100, 33), 'media-expired', 'provider-rejected'],
  [400, graph(100), 'look-up-refused', 'provider-rejected'],
  [400, graph(4), 'throttled', 'throttled'],
  [400, graph(130429), 'throttled', 'throttled'],
  [429, '', 'throttled', 'throttled'],
  [404, 'no JSON', 'media-missing', 'provider-rejected'],
  [500, graph(1), 'whatsapp-trouble', 'provider-unavailable'],
  [503, '{"error":null}', 'whatsapp-trouble', 'provider-unavailable'],
  [301, '{}', 'look-up-refused', 'provider-rejected'],
])('a look-up answered %i %s means %s', (status, text, code, kind) => {
  expect(readLookUpFailure(status, text)).toMatchObject({ kind, details: { code, status } });
});

it.each([
  [401, 'token-refused', 'credential-rejected'],
  [403, 'token-refused', 'credential-rejected'],
  [404, 'address-stale', 'provider-unavailable'],
  [410, 'address-stale', 'provider-unavailable'],
  [429, 'throttled', 'throttled'],
  [502, 'whatsapp-trouble', 'provider-unavailable'],
  [206, 'download-refused', 'provider-rejected'],
])('a download answered %i means %s', (status, code, kind) => {
  expect(readDownloadFailure(status)).toMatchObject({ kind, details: { code, status } });
});
