import { MemoryCustomers } from '../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../simulation/stores/memory-ledger.ts';
import { describeAllowance } from '../contracts/allowance.contract.ts';
import { describeCustomerDirectory } from '../contracts/customer-directory.contract.ts';
import { describeMessageLedger } from '../contracts/message-ledger.contract.ts';
import { describeTokenStore } from '../contracts/token-store.contract.ts';
import { MemoryAllowance } from './memory-allowance.ts';
import { MemoryTokenStore } from './memory-token-store.ts';

describe('MemoryLedger', () => describeMessageLedger(() => new MemoryLedger()));
describe('MemoryCustomers', () => describeCustomerDirectory(() => new MemoryCustomers()));
describe('MemoryAllowance', () => describeAllowance(() => new MemoryAllowance()));
describe('MemoryTokenStore', () => describeTokenStore(() => new MemoryTokenStore()));
