// One edit of one property of a synthesized template, made on a copy of the assembly.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is changed, and to what. */
export interface TemplateEdit {
  /** Logical id without the hash CDK puts at its end, e.g. `QueuesInboundQueue`. */
  resource: string;
  /** Below `Properties`; text that holds JSON is gone into, so that states of a machine can be named. Empty means the resource. */
  path: readonly (string | number)[];
  /** The new value, made from the old one; `undefined` takes the property away. */
  to: unknown | ((before: unknown) => unknown);
}

/** An edit as it was made, for people to read. */
export interface MadeEdit {
  where: string;
  before: string;
  after: string;
}

type Fields = Record<string, unknown>;

/** Copies the assembly, edits the copy and says what was edited. @throws Error when the edit finds nothing to change. */
export function copyEdited(assembly: string, copy: string, edit: TemplateEdit): MadeEdit {
  rmSync(copy, { recursive: true, force: true });
  cpSync(assembly, copy, { recursive: true });
  for (const name of readdirSync(copy).filter((file) => file.endsWith('.template.json'))) {
    const file = join(copy, name);
    const template: { Resources: Fields } = JSON.parse(readFileSync(file, 'utf8'));
    const made = editTemplate(template.Resources, edit);
    if (!made) continue;
    writeFileSync(file, JSON.stringify(template, null, 1));
    return made;
  }
  throw new Error(`no template has a resource ${edit.resource}`);
}

/** Edits in place; undefined when the resource is not among these. @throws Error when the edit would change nothing. */
export function editTemplate(resources: Fields, edit: TemplateEdit): MadeEdit | undefined {
  const id = Object.keys(resources).find((one) => one.replace(/[0-9A-F]{8}$/, '') === edit.resource);
  if (id === undefined) return undefined;
  const path = edit.path.length === 0 ? [id] : [id, 'Properties', ...edit.path];
  const [before, after] = setAt(resources, path, edit.to);
  const [was, is] = [describe(before), describe(after)];
  if (was === is) throw new Error(`${[edit.resource, ...edit.path].join('.')} is ${was} already`);
  return { where: [edit.resource, ...edit.path].join('.'), before: was, after: is };
}

/** @returns the value before and after. */
function setAt(
  holder: Fields,
  [key, ...rest]: readonly (string | number)[],
  to: TemplateEdit['to'],
): [unknown, unknown] {
  if (key === undefined) throw new Error('a path needs a key');
  const before = holder[key];
  if (rest.length === 0) {
    const after = typeof to === 'function' ? to(before) : to;
    if (after === undefined) delete holder[key];
    else holder[key] = after;
    return [before, after];
  }
  const text = readText(before);
  if (text === undefined) return setAt(asFields(before, key), rest, to);
  const inside = asFields(JSON.parse(text.json), key);
  const change = setAt(inside, rest, to);
  holder[key] = text.write(JSON.stringify(inside));
  return change;
}

/** Text with JSON in it: as it stands, or put together by `Fn::Join`, whose other parts stay as marks. */
function readText(value: unknown): { json: string; write: (json: string) => unknown } | undefined {
  if (typeof value === 'string') return { json: value, write: (json) => json };
  if (!isFields(value) || !Array.isArray(value['Fn::Join'])) return undefined;
  const [separator, parts]: [string, unknown[]] = [value['Fn::Join'][0], value['Fn::Join'][1]];
  const mark = (index: number) => `@@${index}@@`;
  const json = parts.map((part, index) => (typeof part === 'string' ? part : mark(index))).join(separator);
  const write = (edited: string) => {
    const pieces = edited.split(/(@@\d+@@)/).map((piece) => {
      const index = /^@@(\d+)@@$/.exec(piece)?.[1];
      return index === undefined ? piece : parts[Number(index)];
    });
    return { 'Fn::Join': ['', pieces] };
  };
  return { json, write };
}

function asFields(value: unknown, key: string | number): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields;
  throw new Error(`there is nothing at ${key}`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 157)}…` : text;
}
