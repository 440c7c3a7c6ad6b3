// dynalite carries no types; declared is only what the local run touches.

declare module 'dynalite' {
  import type { RequestListener, Server } from 'node:http';

  const dynalite: (options: {
    createTableMs: number;
    deleteTableMs: number;
    updateTableMs: number;
  }) => Server & {
    listeners(event: 'request'): RequestListener[];
  };
  export default dynalite;
}

declare module 'dynalite/db/index.js' {
  export interface ConditionalWrite {
    ReturnValuesOnConditionCheckFailure?: string;
  }
  export interface ConditionFailure extends Error {
    body: Record<string, unknown>;
  }
  const db: {
    checkConditional(write: ConditionalWrite, item: object | undefined): ConditionFailure | null | undefined;
  };
  export default db;
}

interface DynaliteValidation {
  types: Record<string, { type: string; enum?: string[] }>;
}

declare module 'dynalite/validations/putItem.js' {
  const validation: DynaliteValidation;
  export default validation;
}

declare module 'dynalite/validations/updateItem.js' {
  const validation: DynaliteValidation;
  export default validation;
}

declare module 'dynalite/validations/deleteItem.js' {
  const validation: DynaliteValidation;
  export default validation;
}
