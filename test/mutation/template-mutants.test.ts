import { chooseMutants } from './selection.ts';
import { templateMutants } from './template-mutants.ts';

describe('the mutants of the template', () => {
  it('have names of their own, and five are played on every change', () => {
    expect(new Set(templateMutants.map(({ name }) => name)).size).toBe(templateMutants.length);
    expect(chooseMutants(templateMutants, 'quick')).toHaveLength(5);
    expect(chooseMutants(templateMutants, '')).toEqual(chooseMutants(templateMutants, 'quick'));
  });

  it('can be chosen all together, by their own words or by those of their scenario', () => {
    expect(chooseMutants(templateMutants, 'all')).toEqual(templateMutants);
    expect(chooseMutants(templateMutants, 'the sweep is not').map(({ name }) => name)).toEqual([
      'the sweep is not scheduled',
    ]);
    expect(chooseMutants(templateMutants, 'thirty customers').length).toBeGreaterThan(1);
    expect(chooseMutants(templateMutants, 'no such words')).toEqual([]);
  });
});
