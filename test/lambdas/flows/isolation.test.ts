import { createIsolation } from '../../../lambdas/flows/isolation.ts';

function aJob(log: string[], name: string) {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  const act = async () => {
    log.push(`${name} starts`);
    await done;
    log.push(`${name} ends`);
    return name;
  };
  return { act, end };
}

const settle = () => new Promise(setImmediate);

describe('isolation', () => {
  it('lets ordinary visits run side by side', async () => {
    const log: string[] = [];
    const isolation = createIsolation();
    const [a, b] = [aJob(log, 'a'), aJob(log, 'b')];

    const both = Promise.all([isolation.beside(a.act), isolation.beside(b.act)]);
    await settle();
    expect(log).toEqual(['a starts', 'b starts']);
    b.end();
    a.end();

    expect(await both).toEqual(['a', 'b']);
  });

  it('runs a suspect alone: after what is under way, before what comes later', async () => {
    const log: string[] = [];
    const isolation = createIsolation();
    const [a, suspect, b] = [aJob(log, 'a'), aJob(log, 'suspect'), aJob(log, 'b')];

    const all = Promise.all([isolation.beside(a.act), isolation.alone(suspect.act), isolation.beside(b.act)]);
    await settle();
    expect(log).toEqual(['a starts']);
    a.end();
    await settle();
    expect(log).toEqual(['a starts', 'a ends', 'suspect starts']);
    suspect.end();
    b.end();
    await all;

    expect(log.slice(3)).toEqual(['suspect ends', 'b starts', 'b ends']);
  });

  it('goes on after a visit that failed', async () => {
    const isolation = createIsolation();

    await expect(isolation.alone(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');

    expect(await isolation.beside(async () => 'next')).toBe('next');
  });
});
