import type { TemplateMutant } from './template-mutants.ts';

/** `all`, or those whose name or scenario has the given words, or else the quick ones. */
export function chooseMutants(mutants: readonly TemplateMutant[], words: string): TemplateMutant[] {
  if (words === 'all') return [...mutants];
  if (words === '' || words === 'quick') return mutants.filter(({ quick }) => quick);
  return mutants.filter(({ name, scenario }) => `${name} ${scenario.name}`.includes(words));
}
