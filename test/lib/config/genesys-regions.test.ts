import { genesysHosts } from '../../../lambdas/adapters/genesys/genesys-hosts.ts';
import { genesysRegions } from '../../../lib/config/genesys-regions.ts';

// Infrastructure and functions may not share code, so each has its list; the worker must know what a tenant file may say.
it.each([...genesysRegions])(
  'the worker knows the hosts of region %s, which a tenant file may name',
  (region) => {
    expect(genesysHosts(region)).toEqual({ api: `https://api.${region}`, login: `https://login.${region}` });
  },
);
