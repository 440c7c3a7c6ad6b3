// Genesys Cloud hosts by region. An allow-list, so that a tenant file can never point the bridge at another host.
// Source: Genesys SDK `PureCloudRegionHosts` (2026-08).

const genesysDomains = new Set([
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
]);

export interface GenesysHosts {
  /** Base of the platform API, without a trailing slash. */
  api: string;
  /** Base of the login service, without a trailing slash. */
  login: string;
}

/** `localUrl` is the stand-in of a local run, for both. @throws Error when the domain is not one of Genesys Cloud's. */
export function genesysHosts(domain: string, localUrl?: string): GenesysHosts {
  if (!genesysDomains.has(domain)) throw new Error(`${domain} is not a Genesys Cloud region`);
  if (localUrl !== undefined) return { api: localUrl, login: localUrl };
  return { api: `https://api.${domain}`, login: `https://login.${domain}` };
}
