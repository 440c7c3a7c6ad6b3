// Picks the route of a request the way API Gateway's HTTP APIs do: the most specific one wins.
import type { RoutePlan } from './plan.ts';

export interface FoundRoute {
  route: RoutePlan;
  pathParameters: Record<string, string>;
}

type FindRoute = (method: string, path: string) => FoundRoute | undefined;

interface CompiledRoute {
  route: RoutePlan;
  method: string;
  segments: string[];
  rank: string;
}

/** @throws Error on a route key of a form it does not know. */
export function compileRoutes(routes: RoutePlan[]): FindRoute {
  const compiled = routes.map(compileRoute).toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  return (method, path) => {
    const segments = path.split('/').slice(1);
    for (const candidate of compiled) {
      if (candidate.method !== 'ANY' && candidate.method !== method) continue;
      const pathParameters = matchSegments(candidate.segments, segments);
      if (pathParameters) return { route: candidate.route, pathParameters };
    }
    return undefined;
  };
}

function compileRoute(route: RoutePlan): CompiledRoute {
  if (route.routeKey === '$default') return { route, method: 'ANY', segments: ['{default+}'], rank: '3' };
  const [, method = '', path] = /^([A-Z]+) \/(\S*)$/.exec(route.routeKey) ?? [];
  if (path === undefined) throw new Error(`route key ${route.routeKey} is not known to the local run`);
  const segments = path.split('/');
  // Exact segments before parameters before greedy ones, a method before ANY.
  const rank = segments.map((segment) => (isGreedy(segment) ? 2 : isParameter(segment) ? 1 : 0)).join('');
  return { route, method, segments, rank: `${rank}${method === 'ANY' ? 1 : 0}` };
}

function matchSegments(pattern: string[], segments: string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index];
    if (actual === undefined) return undefined;
    if (isGreedy(expected)) {
      if (expected !== '{default+}')
        parameters[expected.slice(1, -2)] = decode(segments.slice(index).join('/'));
      return parameters;
    }
    if (!isParameter(expected) && expected !== actual) return undefined;
    if (isParameter(expected)) {
      if (actual === '') return undefined;
      parameters[expected.slice(1, -1)] = decode(actual);
    }
  }
  return segments.length === pattern.length ? parameters : undefined;
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}');
}

function isGreedy(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('+}');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
