// Makes of a state machine's definition what the interpreter runs as AWS would: refuses what it would silently ignore or do
// differently, and spells out what it would default differently. What bites, and why: docs/adr/0031.

import type { StateMachineDefinition } from 'aws-local-stepfunctions';

/** How a task calls its function: through `states:::lambda:invoke`, or with the bare payload both ways. */
export type TaskForm = 'invoke' | 'payload';

export interface TaskPlan {
  form: TaskForm;
  functionArn: string;
}

export interface MachinePlan {
  name: string;
  arn: string;
  definition: StateMachineDefinition;
  /** By the name of the state, also of those inside a Map. */
  tasks: Record<string, TaskPlan>;
}

type Fields = Record<string, unknown>;
type States = Record<string, Fields>;

/** What a timer can hold; a longer one would fire at once. */
export const longestWaitSeconds = 2_147_483;
const lambdaInvoke = 'arn:aws:states:::lambda:invoke';

const lambdaArn = /^arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+$/;

const ignored = [
  'QueryLanguage',
  'Assign',
  'Output',
  'Arguments',
  'ItemReader',
  'ItemBatcher',
  'ResultWriter',
  'Credentials',
  'HeartbeatSeconds',
  'HeartbeatSecondsPath',
];
const knownTypes = ['Pass', 'Wait', 'Choice', 'Task', 'Map', 'Succeed', 'Fail'];

/** @throws Error naming machine and state for everything the local run would not run as AWS does. */
export function readDefinition(text: string, where: string): Pick<MachinePlan, 'definition' | 'tasks'> {
  const definition = parse(text, where);
  const unknown = /\$\$\.(State|Task)\b/.exec(text)?.[0];
  if (unknown !== undefined) refuse(where, unknown);
  const tasks: Record<string, TaskPlan> = {};
  checkFields(definition, where);
  if (isOverLong(definition.TimeoutSeconds)) delete definition.TimeoutSeconds;
  prepareStates(definition, where, tasks, false);
  return { definition: definition as unknown as StateMachineDefinition, tasks };
}

/** The name of the function that a task calls. */
export function nameOfFunction({ functionArn }: TaskPlan): string {
  return functionArn.split(':').at(-1) ?? functionArn;
}

function prepareStates(
  machine: Fields,
  where: string,
  tasks: Record<string, TaskPlan>,
  isItem: boolean,
): void {
  for (const [name, state] of Object.entries((machine.States ?? {}) as States)) {
    const place = `${where}, state ${name}`;
    checkFields(state, place);
    if (!knownTypes.includes(String(state.Type))) refuse(place, `type ${String(state.Type)}`);
    if (state.Type === 'Pass') checkPass(state, place);
    if (state.Type === 'Wait' && isOverLong(state.Seconds)) {
      refuse(place, `a wait of ${String(state.Seconds)} s`);
    }
    if (state.Type === 'Map') prepareMap(state, place, tasks);
    if (state.Type !== 'Task') continue;
    if (Object.hasOwn(tasks, name)) refuse(place, 'a second task of that name');
    if (isItem && !catchesAll(state)) refuse(place, 'a task in a Map without a Catch of States.ALL');
    tasks[name] = readTask(state, place);
    spellOutTimeout(state);
  }
}

function prepareMap(state: Fields, place: string, tasks: Record<string, TaskPlan>): void {
  const { ItemProcessor: processor } = state;
  if (!isFields(processor)) throw cannotRun(place, 'a Map without ItemProcessor');
  const { Mode: mode = 'INLINE' } = isFields(processor.ProcessorConfig) ? processor.ProcessorConfig : {};
  if (mode !== 'INLINE') refuse(place, `a Map of mode ${String(mode)}`);
  for (const key of Object.keys(state)) if (key.startsWith('Tolerated')) refuse(place, key);
  checkFields(processor, place);
  // An item that fails does not stop those that are queued, as it would on AWS.
  prepareStates(processor, place, tasks, true);
}

function readTask(state: Fields, place: string): TaskPlan {
  const resource = String(state.Resource);
  if (lambdaArn.test(resource)) return { form: 'payload', functionArn: resource };
  if (resource !== lambdaInvoke) throw cannotRun(place, `resource ${resource}`);
  const functionArn = isFields(state.Parameters) ? String(state.Parameters.FunctionName) : '';
  if (!lambdaArn.test(functionArn)) throw cannotRun(place, 'a task without the ARN of its function');
  return { form: 'invoke', functionArn };
}

/** Without one AWS waits for ever, the interpreter a minute. */
function spellOutTimeout(state: Fields): void {
  if (state.TimeoutSecondsPath !== undefined) return;
  if (state.TimeoutSeconds === undefined || isOverLong(state.TimeoutSeconds)) {
    state.TimeoutSeconds = longestWaitSeconds;
  }
}

function checkFields(state: Fields, place: string): void {
  for (const key of ignored) if (Object.hasOwn(state, key)) refuse(place, key);
  // AWS takes it for "replace everything"; the interpreter makes a field called $.
  if (state.ResultPath === '$') refuse(place, 'ResultPath $; leave it out, which means the same');
  const catchers = Array.isArray(state.Catch) ? state.Catch.filter(isFields) : [];
  for (const catcher of catchers) checkFields(catcher, place);
}

function checkPass(state: Fields, place: string): void {
  if (Object.hasOwn(state, 'Result') && !state.Result) refuse(place, 'a Result of false, 0, null or ""');
}

function catchesAll(state: Fields): boolean {
  const catchers = Array.isArray(state.Catch) ? state.Catch.filter(isFields) : [];
  return catchers.some(({ ErrorEquals: names }) => Array.isArray(names) && names.includes('States.ALL'));
}

function isOverLong(seconds: unknown): boolean {
  return typeof seconds === 'number' && seconds > longestWaitSeconds;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string, where: string): Fields {
  try {
    const definition: unknown = JSON.parse(text);
    if (isFields(definition)) return definition;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new Error(`${where}: its definition is not a JSON object`);
}

function refuse(place: string, what: string): void {
  throw cannotRun(place, what);
}

function cannotRun(place: string, what: string): Error {
  return new Error(`${place}: the local run cannot run ${what}`);
}
