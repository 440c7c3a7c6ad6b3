// SSM Parameter Store as far as functions and provisioning use it.

import { type JsonInput, type JsonOperations, JsonServiceError, readText } from './json-service.ts';

interface StoredParameter {
  ARN: string;
  Name: string;
  Type: string;
  Value: string;
  Version: number;
  /** Epoch seconds. */
  LastModifiedDate: number;
}

/** PutParameter, GetParameter, GetParameters; a parameter is found by name or by ARN. */
export function createParameterOperations(account: { region: string; accountId: string }): JsonOperations {
  const prefix = `arn:aws:ssm:${account.region}:${account.accountId}:parameter`;
  const parameters = new Map<string, StoredParameter>();
  const find = (name: string) =>
    parameters.get(name) ?? [...parameters.values()].find((parameter) => parameter.ARN === name);

  return {
    PutParameter: (input) => {
      const name = readText(input, 'Name');
      const old = parameters.get(name);
      if (old && input.Overwrite !== true) {
        throw new JsonServiceError('ParameterAlreadyExists', `The parameter ${name} already exists.`);
      }
      const parameter: StoredParameter = {
        ARN: `${prefix}${name.startsWith('/') ? '' : '/'}${name}`,
        Name: name,
        Type: typeof input.Type === 'string' ? input.Type : 'String',
        Value: readText(input, 'Value'),
        Version: (old?.Version ?? 0) + 1,
        LastModifiedDate: Date.now() / 1000,
      };
      parameters.set(name, parameter);
      return { Version: parameter.Version, Tier: 'Standard' };
    },
    GetParameter: (input) => {
      const name = readText(input, 'Name');
      const parameter = find(name);
      if (!parameter) throw new JsonServiceError('ParameterNotFound', `There is no parameter ${name}.`);
      return { Parameter: parameter };
    },
    GetParameters: (input) => {
      const names = readNames(input);
      return {
        Parameters: names.map(find).filter((parameter) => parameter !== undefined),
        InvalidParameters: names.filter((name) => !find(name)),
      };
    },
  };
}

function readNames(input: JsonInput): string[] {
  const names = input.Names;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names;
  throw new JsonServiceError('ValidationException', 'Names must be a list of strings');
}
