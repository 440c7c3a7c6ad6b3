import { compileRoutes } from '../../local/http-routes.ts';

const find = compileRoutes(
  [
    '$default',
    'ANY /webhook/{proxy+}',
    'POST /webhook/genesys/{integrationId}',
    'ANY /webhook/genesys/{integrationId}',
    'POST /webhook/meta',
    'GET /webhook/meta',
    'GET /',
  ].map((routeKey) => ({ routeKey, functionName: routeKey, timeoutMs: 1 })),
);

describe('compileRoutes', () => {
  it.each([
    ['GET', '/webhook/meta', 'GET /webhook/meta', {}],
    ['POST', '/webhook/meta', 'POST /webhook/meta', {}],
    ['POST', '/webhook/genesys/6b1f', 'POST /webhook/genesys/{integrationId}', { integrationId: '6b1f' }],
    ['PUT', '/webhook/genesys/a%20b', 'ANY /webhook/genesys/{integrationId}', { integrationId: 'a b' }],
    ['PUT', '/webhook/genesys/%ZZ', 'ANY /webhook/genesys/{integrationId}', { integrationId: '%ZZ' }],
    ['PUT', '/webhook/a/b', 'ANY /webhook/{proxy+}', { proxy: 'a/b' }],
    ['GET', '/', 'GET /', {}],
    ['GET', '/webhook', '$default', {}],
    ['POST', '/', '$default', {}],
  ])('leads %s %s to %s', (method, path, routeKey, pathParameters) => {
    expect(find(method, path)).toEqual({ route: expect.objectContaining({ routeKey }), pathParameters });
  });

  it('finds nothing where no route fits', () => {
    const only = compileRoutes([{ routeKey: 'GET /a/{b}', functionName: 'f', timeoutMs: 1 }]);

    expect(only('POST', '/a/1')).toBeUndefined();
    expect(only('GET', '/a')).toBeUndefined();
    expect(only('GET', '/a/')).toBeUndefined();
    expect(only('GET', '/a/1/2')).toBeUndefined();
  });

  it('refuses a route key of another form', () => {
    const routes = [{ routeKey: '$connect', functionName: 'f', timeoutMs: 1 }];

    expect(() => compileRoutes(routes)).toThrow(/route key \$connect/);
  });
});
