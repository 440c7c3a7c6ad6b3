import { genesysHosts } from '../../../../lambdas/adapters/genesys/genesys-hosts.ts';

describe('the hosts of a Genesys Cloud region', () => {
  it.each([
    'mypurecloud.com',
    'usw2.pure.cloud',
    'use2.us-gov-pure.cloud',
    'mypurecloud.ie',
    'euw2.pure.cloud',
    'mypurecloud.de',
    'euc2.pure.cloud',
    'edee1.eusc-pure.cloud',
    'cac1.pure.cloud',
    'sae1.pure.cloud',
    'mxc1.pure.cloud',
    'mec1.pure.cloud',
    'aps1.pure.cloud',
    'apse1.pure.cloud',
    'mypurecloud.com.au',
    'mypurecloud.jp',
    'apne2.pure.cloud',
    'apne3.pure.cloud',
  ])('follow from its domain %s', (domain) => {
    expect(genesysHosts(domain)).toEqual({ api: `https://api.${domain}`, login: `https://login.${domain}` });
  });

  it.each([
    '',
    'evil.example',
    'euw2.pure.cloud.evil.example',
    'evil.euw2.pure.cloud',
    'EUW2.PURE.CLOUD',
    'euw2.pure.cloud/',
    'euw2.pure.cloud#',
    'user@euw2.pure.cloud',
    'api.euw2.pure.cloud',
    'pure.cloud',
    'constructor',
    '127.0.0.1',
  ])('are refused for %j', (domain) => {
    expect(() => genesysHosts(domain)).toThrow(/is not a Genesys Cloud region/);
  });
});

it('the stand-in of a local run takes the place of both', () => {
  const localUrl = 'http://127.0.0.1:3001/genesys';

  expect(genesysHosts('euw2.pure.cloud', localUrl)).toEqual({ api: localUrl, login: localUrl });
});
