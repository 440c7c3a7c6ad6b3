// What must hold before anything is started, each told in one line.
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StartError } from './options.ts';
import type { FunctionPlan } from './plan.ts';

/** Who listens on which of the four ports. */
export const portUses = ['bridge', 'stand-ins', 'control', 'aws'] as const;
export type PortUse = (typeof portUses)[number];

/** @throws StartError when `version` is older than Node 24. */
export function requireNode24(version: string): void {
  if (Number.parseInt(version, 10) < 24) {
    throw new StartError(
      `Node ${version} is too old: run it through npm ("npm start"), which brings its own`,
    );
  }
}

/** @throws StartError when the external endpoint is not on this computer and that was not allowed. */
export function readExternalEndpoint(url: string | undefined, allowRemote: boolean): URL | undefined {
  if (!url) return undefined;
  if (!URL.canParse(url)) throw new StartError(`AWS_ENDPOINT_URL is not a URL: ${url}`);
  const endpoint = new URL(url);
  if (!isLoopback(endpoint.hostname) && !allowRemote) {
    throw new StartError(
      `AWS_ENDPOINT_URL points at ${endpoint.hostname}, not at this computer; add --allow-remote if that is meant`,
    );
  }
  return endpoint;
}

/** Accepts a host name without port, IPv6 with or without brackets. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** The port of each use: all 0 (any free one) or consecutive from `first`. */
export function assignPorts(first: number): Record<PortUse, number> {
  const portOf = (use: PortUse) => (first === 0 ? 0 : first + portUses.indexOf(use));
  return {
    bridge: portOf('bridge'),
    'stand-ins': portOf('stand-ins'),
    control: portOf('control'),
    aws: portOf('aws'),
  };
}

/** Checked before the slow synthesis. @throws StartError naming the first port in use. */
export async function requireFreePorts(ports: Record<PortUse, number>): Promise<void> {
  for (const use of portUses) {
    if (ports[use] !== 0 && !(await isFree(ports[use]))) {
      throw new StartError(
        `port ${ports[use]} (${use}) is in use; choose others with "npm start -- --port N" (0 = any free ports)`,
      );
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** @throws StartError naming the function whose code is not where the template says. */
export function requireBundles(functions: FunctionPlan[]): void {
  for (const { name, codeFolder, handler, layerFolders } of functions) {
    const file = join(codeFolder, `${handler.slice(0, handler.lastIndexOf('.'))}.js`);
    for (const path of [file, ...layerFolders]) {
      if (!existsSync(path)) {
        throw new StartError(
          `the code of ${name} is missing (${path}); delete the folder of the assembly and start again`,
        );
      }
    }
  }
}
