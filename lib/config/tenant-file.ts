// Reads and checks tenants/<tenant>.json. Checking is pure; only `loadTenant` touches the disk.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isPlainObject, refuse, sectionOf, textLike, within } from './field-rules.ts';
import { parseJson } from './json-text.ts';
import { findNearestName } from './nearest-name.ts';
import { checkDistinctNumbers, checkStage } from './stage-checks.ts';
import {
  defaultSettings,
  localPacing,
  type PartialSettings,
  settingsRules,
  type TenantSettings,
} from './tenant-fields.ts';
import { TenantFileError } from './tenant-file-error.ts';

/** A checked tenant file, stages not yet laid over it. */
export interface TenantFile {
  file: string;
  tenant: string;
  base: PartialSettings;
  stages: Record<string, PartialSettings>;
}

/** Everything one deployment (tenant × stage) is made from. */
export interface StageConfig extends TenantSettings {
  tenant: string;
  stage: string;
}

/** The stage of the local run; it may be used without being declared. */
export const localStage = 'local';

const tenantName = textLike(
  /^[a-z][a-z0-9-]{1,20}$/,
  'a tenant name: 2 to 21 lower-case letters, digits or hyphens, beginning with a letter',
);
// No hyphen: tenant a-b, stage c and tenant a, stage b-c would share the names of their resources.
const stageName = textLike(
  /^[a-z][a-z0-9]{0,11}$/,
  'a stage name: 1 to 12 lower-case letters or digits, beginning with a letter',
);
const fileRule = sectionOf({ tenant: tenantName, ...settingsRules, stages: checkStages }, [
  'tenant',
  'stages',
]);

/** Checks the text of a tenant file, all of its stages included. @throws TenantFileError */
export function parseTenantFile(text: string, file: string): TenantFile {
  const content = parseJson(text, file);
  fileRule(content, { file, path: '' });
  // The rules above have just established this shape.
  const { tenant, stages, ...base } = content as PartialSettings & Pick<TenantFile, 'tenant' | 'stages'>;

  if (basename(dirname(resolve(file))) === 'tenants' && basename(file) !== `${tenant}.json`) {
    throw new TenantFileError(
      file,
      'tenant',
      `is '${tenant}' but the file is ${basename(file)}; rename the file to ${tenant}.json`,
    );
  }
  checkDistinctNumbers(base.numbers ?? [], file, 'numbers');
  for (const [stage, overrides] of Object.entries(stages)) {
    checkDistinctNumbers(overrides.numbers ?? [], file, `stages.${stage}.numbers`);
  }
  return { file, tenant, base, stages };
}

/** Lays defaults, file and stage over each other; objects merge, lists replace. @throws TenantFileError */
export function resolveStage({ file, tenant, base, stages }: TenantFile, stage: string): StageConfig {
  const declared = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
  if (!declared && stage !== localStage) {
    throw new TenantFileError(
      file,
      'stages',
      `stage '${stage}' is not declared; declared: ${Object.keys(stages).join(', ') || 'none'}. Add "${stage}": {} or choose one of them`,
    );
  }
  const defaults = stage === localStage ? { ...defaultSettings, pacing: localPacing } : defaultSettings;
  const merged = merge(merge(defaults, base), declared ?? {});
  requireField(merged, 'genesys.region', file, stage);
  requireField(merged, 'numbers', file, stage);
  // Defaults and the two required fields make it whole.
  const settings = merged as unknown as TenantSettings;
  checkStage(settings, { tenant, stage }, file);
  return { ...settings, tenant, stage };
}

/** What a deployment is chosen by: a name under tenants/, or the path of any tenant file. */
export interface TenantChoice {
  tenant?: string | undefined;
  tenantFile?: string | undefined;
  stage: string;
}

/** Reads, checks and resolves one deployment; relative paths start at `root`. @throws TenantFileError */
export function loadTenant({ tenant, tenantFile, stage }: TenantChoice, root = process.cwd()): StageConfig {
  const path = resolve(root, tenantFile ?? join('tenants', `${tenant}.json`));
  const shown = relative(root, path).startsWith('..') ? path : relative(root, path);
  if (!existsSync(path)) throw new TenantFileError(shown, '', describeMissingFile(path));
  const file = parseTenantFile(readFileSync(path, 'utf8'), shown);
  if (tenant !== undefined && file.tenant !== tenant) {
    throw new TenantFileError(shown, 'tenant', `is '${file.tenant}', but tenant '${tenant}' was asked for`);
  }
  return resolveStage(file, stage);
}

function checkStages(value: unknown, place: { file: string; path: string }): void {
  if (!isPlainObject(value)) throw refuse(place, 'must be an object such as { "prod": {} }');
  const rule = sectionOf(settingsRules);
  for (const [stage, overrides] of Object.entries(value)) {
    stageName(stage, within(place, stage));
    rule(overrides, within(place, stage));
  }
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isPlainObject(below) && isPlainObject(value) ? merge(below, value) : value;
  }
  return merged;
}

function requireField(merged: Record<string, unknown>, path: string, file: string, stage: string): void {
  let value: unknown = merged;
  for (const key of path.split('.')) value = isPlainObject(value) ? value[key] : undefined;
  if (value === undefined) {
    throw new TenantFileError(
      file,
      path,
      `is missing for stage ${stage}; add it to the file or to stages.${stage}`,
    );
  }
}

function describeMissingFile(path: string): string {
  const folder = dirname(path);
  const present = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const names = present.map((name) => basename(name, '.json'));
  const nearest = findNearestName(basename(path, '.json'), names);
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  return `there is no such file; tenants found there: ${names.join(', ') || 'none'}.${hint}`;
}
