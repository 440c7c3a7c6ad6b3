import { MemoryCustomers } from '../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../simulation/stores/memory-ledger.ts';
import { MemoryFenceHandles, MemoryFences, MemoryPark } from '../../simulation/stores/memory-park.ts';
import { MemoryReceipts } from '../../simulation/stores/memory-receipts.ts';
import { MemorySending } from '../../simulation/stores/memory-sending.ts';
import { describeAllowance } from '../contracts/allowance.contract.ts';
import { describeCustomerDirectory } from '../contracts/customer-directory.contract.ts';
import { describeFenceHandles, describeFences } from '../contracts/fences.contract.ts';
import { describeMessageLedger } from '../contracts/message-ledger.contract.ts';
import { describePark } from '../contracts/park.contract.ts';
import { describeReceipts, describeSending } from '../contracts/sending.contract.ts';
import { describeTokenStore } from '../contracts/token-store.contract.ts';
import { MemoryAllowance } from './memory-allowance.ts';
import { MemoryTokenStore } from './memory-token-store.ts';

describe('MemoryLedger', () => describeMessageLedger(() => new MemoryLedger()));
describe('MemoryCustomers', () => describeCustomerDirectory(() => new MemoryCustomers()));
describe('MemoryAllowance', () => describeAllowance(() => new MemoryAllowance()));
describe('MemoryTokenStore', () => describeTokenStore(() => new MemoryTokenStore()));
describe('MemoryFences', () =>
  describeFences(() => {
    const customers = new MemoryCustomers();
    return { fences: new MemoryFences(customers), customers };
  }));
describe('MemoryPark', () => describePark(() => new MemoryPark()));
describe('MemoryFenceHandles', () => describeFenceHandles(() => new MemoryFenceHandles()));

const sendingStores = () => {
  const ledger = new MemoryLedger();
  return { ledger, sending: new MemorySending(ledger), receipts: new MemoryReceipts(ledger) };
};
describe('MemorySending', () => describeSending(sendingStores));
describe('MemoryReceipts', () => describeReceipts(sendingStores));
