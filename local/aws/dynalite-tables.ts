// DynamoDB by dynalite, taught to return the old item when a condition fails.

import dynalite from 'dynalite';
import db from 'dynalite/db/index.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import putItem from 'dynalite/validations/putItem.js';
import updateItem from 'dynalite/validations/updateItem.js';
import { replayRequest } from './arrived-request.ts';
import type { ServiceBackend } from './aws-proxy.ts';

let isPatched = false;

/** Tables in memory, usable as soon as they are created. */
export function startTables(): ServiceBackend['serve'] {
  returnOldItemOnFailedCondition();
  // The server is made for its listener and never listens itself.
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const [listener] = server.listeners('request');
  if (!listener) throw new Error('dynalite has no request listener: its version must be 4.0.0');
  return (_service, request, response) => listener(replayRequest(request), response);
}

/** dynalite strips `ReturnValuesOnConditionCheckFailure`; without it every conflict would cost one read more than on AWS. */
function returnOldItemOnFailedCondition(): void {
  if (isPatched) return;
  isPatched = true;
  for (const { types } of [putItem, updateItem, deleteItem]) {
    types.ReturnValuesOnConditionCheckFailure = { type: 'String', enum: ['ALL_OLD', 'NONE'] };
  }
  const checkConditional = db.checkConditional;
  db.checkConditional = (write, item) => {
    const failure = checkConditional(write, item);
    if (failure && item && write.ReturnValuesOnConditionCheckFailure === 'ALL_OLD') failure.body.Item = item;
    return failure;
  };
}
