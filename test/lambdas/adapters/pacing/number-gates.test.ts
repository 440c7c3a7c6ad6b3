import { createNumberGates } from '../../../../lambdas/adapters/pacing/number-gates.ts';
import { OpenGate } from '../../../fakes/outside-world.ts';

it('keeps one gate per number, made when it is first needed', async () => {
  const gates = new Map<string, OpenGate>();
  const gate = createNumberGates((numberId) => {
    const opened = new OpenGate();
    gates.set(numberId, opened);
    return opened;
  });
  const visit = (numberId: string) => ({ numberId, customerKey: `${numberId}#c`, deadlineAt: 1 });

  await gate.enter(visit('1'));
  gates.get('1')?.closedFor.push(7);
  expect(await gate.enter(visit('1'))).toMatchObject({ open: false, delayMs: 7 });
  expect(await gate.enter(visit('2'))).toEqual({ open: true });
  await gate.leave('delivered', visit('2'));

  expect([...gates.keys()]).toEqual(['1', '2']);
  expect(gates.get('1')?.reports).toEqual([]);
  expect(gates.get('2')?.reports).toEqual(['delivered']);
});
