// Turns every file of lambdas/handlers into a function bundle, and layers/vendor into the layer they share.
// One esbuild run for all functions: one per function would cost half a second each. Why so: docs/adr/0002.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, join, relative, sep } from 'node:path';
import { type BuildOptions, buildSync, type Metafile, type OutputFile } from 'esbuild';
import { replaceFolder } from './replace-folder.ts';

/** Folders of a finished build, ready for `Code.fromAsset`. */
export interface Bundles {
  /** Folder of each function, by the name of its handler file. */
  functions: Record<string, string>;
  /** Folder of the vendor layer. */
  layer: string;
}

/** A build that cannot be used; the message says what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

/** Folder of a function by the name of its handler file. @throws BundleError when there is no such handler. */
export function pickBundle({ functions }: Bundles, name: string): string {
  const folder = functions[name];
  if (folder === undefined) {
    throw new BundleError(`the stack needs lambdas/handlers/${name}.ts, which does not exist; add it`);
  }
  return folder;
}

const manifestFile = 'layers/vendor/manifest.json';

const options = {
  bundle: true,
  minify: true,
  format: 'cjs',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
  write: false,
} satisfies BuildOptions;

/** Builds all functions and the layer into `<root>/build`; the same sources give the same bytes. @throws BundleError */
export function bundle(root: string): Bundles {
  const vendor = readVendorPackages(root);
  return {
    functions: bundleFunctions(root, vendor, join(root, 'build', 'functions')),
    layer: bundleLayer(root, vendor, join(root, 'build', 'layers', 'vendor')),
  };
}

function bundleFunctions(root: string, vendor: readonly string[], outdir: string): Record<string, string> {
  const names = findHandlers(join(root, 'lambdas', 'handlers'));
  const entryPoints = Object.fromEntries(
    names.map((name) => [`${name}/index`, `lambdas/handlers/${name}.ts`]),
  );
  const { outputFiles, metafile } = runEsbuild(root, {
    entryPoints,
    outdir,
    external: [...vendor],
    alias: { '@aws-sdk/credential-provider-node': join(root, 'lib', 'bundling', 'lambda-credentials.ts') },
  });
  checkExternals(metafile, vendor);
  replaceFolder(outdir, toContents(outputFiles, outdir));
  return Object.fromEntries(names.map((name) => [name, join(outdir, name)]));
}

function bundleLayer(root: string, vendor: readonly string[], outdir: string): string {
  const contents: Record<string, string> = {};
  for (const name of vendor) {
    const folder = join('nodejs', 'node_modules', name);
    const { outputFiles } = runEsbuild(root, {
      entryPoints: { index: name },
      outdir,
      external: vendor.filter((other) => other !== name),
      // `import x from 'package'` in an ES module gets `module.exports` itself when the package is CommonJS.
      footer: {
        js: 'if(module.exports.default)module.exports=Object.assign(module.exports.default,module.exports);',
      },
    });
    const [code] = Object.values(toContents(outputFiles, outdir));
    contents[join(folder, 'index.js')] = code ?? '';
    const version = readPackageVersion(root, name);
    contents[join(folder, 'package.json')] = `${JSON.stringify({ name, version, main: 'index.js' })}\n`;
  }
  replaceFolder(outdir, contents);
  return outdir;
}

function runEsbuild(root: string, task: BuildOptions): { outputFiles: OutputFile[]; metafile: Metafile } {
  try {
    return buildSync({ ...task, ...options, absWorkingDir: root });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BundleError(`the functions cannot be bundled: ${reason}`, { cause: error });
  }
}

function findHandlers(folder: string): string[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => basename(file, '.ts'));
  if (names.length === 0) {
    throw new BundleError('lambdas/handlers holds no handler; every .ts file there becomes a function');
  }
  return names.sort();
}

/** Subpaths of a layer package count as external too, but only its main entry is in the layer. */
function checkExternals({ outputs }: Metafile, vendor: readonly string[]): void {
  const available = new Set([...vendor, ...builtinModules, ...builtinModules.map((name) => `node:${name}`)]);
  for (const { entryPoint, imports } of Object.values(outputs)) {
    for (const { path, external } of imports) {
      if (!external || available.has(path) || path.startsWith('node:')) continue;
      throw new BundleError(
        `${entryPoint} imports '${path}', which is neither bundled nor in the layer; import the package's main entry, or take the package out of ${manifestFile}`,
      );
    }
  }
}

function readVendorPackages(root: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, manifestFile), 'utf8'));
  return packages;
}

function readPackageVersion(root: string, name: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  return version;
}

function toContents(files: readonly OutputFile[], outdir: string): Record<string, string> {
  return Object.fromEntries(
    files.map(({ path, text }) => [relative(outdir, path).split(sep).join('/'), text]),
  );
}
