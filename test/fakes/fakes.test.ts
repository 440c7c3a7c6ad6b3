import { describeCustomerDirectory } from '../contracts/customer-directory.contract.ts';
import { describeMessageLedger } from '../contracts/message-ledger.contract.ts';
import { MemoryCustomers } from './memory-customers.ts';
import { MemoryLedger } from './memory-ledger.ts';

describe('MemoryLedger', () => describeMessageLedger(() => new MemoryLedger()));
describe('MemoryCustomers', () => describeCustomerDirectory(() => new MemoryCustomers()));
