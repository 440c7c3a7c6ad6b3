// Mutants that replace some methods of the stores.
import type { MessageLedger } from '../lambdas/core/ports.ts';
import type { Fences, Park } from '../lambdas/core/redelivery-ports.ts';
import { overrideSome } from './port-proxy.ts';
import type { Seams } from './seams.ts';
import type { Role, SimulatedStores } from './simulated-ports.ts';
import type { World } from './world.ts';

export type Change = (
  stores: SimulatedStores,
  role: Role,
  world: World,
) => { ledger?: Partial<MessageLedger>; fences?: Partial<Fences>; park?: Partial<Park> };

/** Replaces some methods of the stores, for each run of a function anew. */
export function storeMutant(change: Change): () => Seams {
  return () => ({
    stores(stores, role, world) {
      const { ledger = {}, fences = {}, park = {} } = change(stores, role, world);
      return {
        ...stores,
        ledger: overrideSome(stores.ledger, ledger),
        fences: overrideSome(stores.fences, fences),
        park: overrideSome(stores.park, park),
      };
    },
  });
}

/** Replaces some methods of the fences where a call arrives. */
export function fenceMutant(change: (fences: Fences, stored: Fences) => Partial<Fences>): () => Seams {
  return () => ({ fences: (fences, stored) => overrideSome(fences, change(fences, stored)) });
}
