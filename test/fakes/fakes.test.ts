import { describeAllowance } from '../contracts/allowance.contract.ts';
import { describeCustomerDirectory } from '../contracts/customer-directory.contract.ts';
import { describeMessageLedger } from '../contracts/message-ledger.contract.ts';
import { MemoryAllowance } from './memory-allowance.ts';
import { MemoryCustomers } from './memory-customers.ts';
import { MemoryLedger } from './memory-ledger.ts';

describe('MemoryLedger', () => describeMessageLedger(() => new MemoryLedger()));
describe('MemoryCustomers', () => describeCustomerDirectory(() => new MemoryCustomers()));
describe('MemoryAllowance', () => describeAllowance(() => new MemoryAllowance()));
