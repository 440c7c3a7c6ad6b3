// GET /health: this deployment is reachable and its functions start.
import { createHttpHandler } from '../runtime/http-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const { tenant, stage } = settings;
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });

export const handler = createHttpHandler(async () => {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status: 200, headers, body: JSON.stringify({ status: 'ok', tenant, stage }) };
}, telemetry);
