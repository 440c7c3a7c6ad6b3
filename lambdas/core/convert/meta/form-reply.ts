// Answers to a flow or an address form: readable lines for the agent, and participant data for Architect.
import type { Conversion, ConversionContext } from './conversion.ts';
import { joinParts, readAt, readText } from './conversion.ts';
import { isObject } from './json-values.ts';

/** Tells which send is answered; of no use to a reader. */
const tokenKey = 'flow_token';
const deepest = 5;

export function convertFormReply(content: unknown, { phrases }: ConversionContext): Conversion {
  const name = readText(content, 'name');
  const json = readText(content, 'response_json') ?? readAt(content, 'response_json');
  const answers = parseAnswers(json);
  const body = readText(content, 'body');
  const label = phrases[name === 'address_message' ? 'address' : 'formAnswered'];
  if (answers === undefined) {
    const raw = typeof json === 'string' ? json : undefined;
    return {
      text: joinParts([label, body, raw], '\n'),
      placeholder: body === undefined && raw === undefined,
    };
  }
  const fields = flatten(answers);
  const lines = fields.filter(([key]) => key !== tokenKey).map(([key, value]) => `${key}: ${value}`);
  const attributes: Record<string, string> = {};
  for (const [key, value] of fields) attributes[toAttributeName(key)] ??= value;
  return { text: joinParts([label, body, ...lines], '\n'), placeholder: false, attributes };
}

/** Quirk(meta): the answers are JSON inside a string; objects are taken too. */
function parseAnswers(json: unknown): Record<string, unknown> | undefined {
  if (isObject(json)) return isDeeper(json, deepest) ? undefined : json;
  if (typeof json !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(json);
    return isObject(parsed) && !isDeeper(parsed, deepest) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** No form nests deeply; what does would end a recursion by its depth. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1));
}

/** Every answer with its path; lists of plain values stay on one line. */
function flatten(value: unknown, path = ''): [string, string][] {
  const plain = toPlain(value);
  if (plain !== undefined) return [[path, plain]];
  if (Array.isArray(value)) {
    const all = value.map(toPlain);
    if (all.every((each) => each !== undefined)) return all.length === 0 ? [] : [[path, all.join(', ')]];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    flatten(child, path === '' ? key : `${path}.${key}`),
  );
}

function toPlain(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

/** `screen_0.First name` → `waFlow_screen_0_First_name`: Architect reads names of letters, digits and underscores. */
function toAttributeName(key: string): string {
  return `waFlow_${key.replace(/\W+/g, '_').slice(0, 60)}`;
}
