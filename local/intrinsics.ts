// Resolves the intrinsic functions of CloudFormation that the templates use; any other one stops the run.
import type { StackTemplate } from './assembly.ts';
import { findKind, type World } from './resource-kinds.ts';

export type Resolve = (stack: StackTemplate, value: unknown) => unknown;

type Intrinsic = (argument: unknown, stack: StackTemplate) => unknown;

/** @returns a function that replaces every intrinsic of a value. @throws Error (when called) on what it does not know. */
export function createResolver(stacks: StackTemplate[], world: World): Resolve {
  const pseudoParameters = (stack: StackTemplate): Record<string, string | undefined> => ({
    'AWS::AccountId': world.accountId,
    'AWS::Region': world.region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::NoValue': undefined,
  });

  const resolveRef: Intrinsic = (argument, stack) => {
    const id = String(argument);
    const pseudo = pseudoParameters(stack);
    if (Object.hasOwn(pseudo, id)) return pseudo[id];
    const resource = findResource(stack, id);
    return resource.kind.ref(nameOf(stack, id), world);
  };

  const resolveGetAtt: Intrinsic = (argument, stack) => {
    const [id = '', attribute = ''] = Array.isArray(argument)
      ? argument.map(String)
      : String(argument).split('.');
    const { kind, type } = findResource(stack, id);
    const give = Object.hasOwn(kind.attributes, attribute) ? kind.attributes[attribute] : undefined;
    if (!give)
      throw new Error(`${stack.name}/${id}: the local run does not know Fn::GetAtt ${attribute} of ${type}`);
    return give(nameOf(stack, id), world);
  };

  const resolveJoin: Intrinsic = (argument, stack) => {
    if (!Array.isArray(argument) || !Array.isArray(argument[1])) {
      throw new Error(`${stack.name}: Fn::Join needs a separator and a list`);
    }
    return argument[1].map((part) => String(resolve(stack, part))).join(String(argument[0]));
  };

  const resolveSub: Intrinsic = (argument, stack) => {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = (variables ?? {}) as Record<string, unknown>;
    return String(text).replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(own, name)) return String(resolve(stack, own[name]));
      return String(name.includes('.') ? resolveGetAtt(name, stack) : resolveRef(name, stack));
    });
  };

  const resolveImport: Intrinsic = (argument, stack) => {
    const wanted = resolve(stack, argument);
    for (const exporter of stacks) {
      for (const output of Object.values(exporter.outputs)) {
        if (output.Export && resolve(exporter, output.Export.Name) === wanted) {
          return resolve(exporter, output.Value);
        }
      }
    }
    throw new Error(`${stack.name}: no stack exports ${String(wanted)}`);
  };

  const intrinsics: Record<string, Intrinsic> = {
    Ref: resolveRef,
    'Fn::GetAtt': resolveGetAtt,
    'Fn::Join': resolveJoin,
    'Fn::Sub': resolveSub,
    'Fn::ImportValue': resolveImport,
  };

  function findResource(stack: StackTemplate, id: string) {
    const resource = Object.hasOwn(stack.resources, id) ? stack.resources[id] : undefined;
    if (!resource) throw new Error(`${stack.name}: nothing is called ${id}`);
    return { type: resource.Type, resource, kind: findKind(resource.Type, `${stack.name}/${id}`) };
  }

  function nameOf(stack: StackTemplate, id: string): string {
    const { kind, resource, type } = findResource(stack, id);
    const given = kind.nameProperty ? resource.Properties?.[kind.nameProperty] : undefined;
    if (given !== undefined) return String(resolve(stack, given));
    if (kind.active) {
      throw new Error(`${stack.name}/${id}: ${type} needs an explicit ${kind.nameProperty}`);
    }
    return `${stack.name}-${id}`;
  }

  function resolve(stack: StackTemplate, value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => resolve(stack, item)).filter((item) => item !== undefined);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name = '', argument] = entries[0] ?? [];
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) {
      const intrinsic = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
      if (!intrinsic) throw new Error(`${stack.name}: the local run does not know the intrinsic ${name}`);
      return intrinsic(argument, stack);
    }
    const resolved = entries.map(([key, item]) => [key, resolve(stack, item)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== undefined));
  }

  return resolve;
}
