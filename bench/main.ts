// `npm run bench`: measures what the budgets are about, prints one table, and fails when a budget is broken.
import { join } from 'node:path';
import { measureBatchConcurrency } from './batch-concurrency.ts';
import { measureBundleSize } from './bundle-size.ts';
import { measureDoorCpu } from './door-cpu.ts';
import { measureGenesysAck } from './genesys-ack.ts';
import { startLocalRun } from './local-run.ts';
import { chooseMeasures, type MeasureName } from './measure-names.ts';
import { measureSdkCalls } from './sdk-calls.ts';
import { type Figure, isOver, renderTable } from './table.ts';

const root = join(import.meta.dirname, '..');

const figures: Figure[] = [];
try {
  await measure(chooseMeasures(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
if (figures.length > 0) console.log(renderTable(figures));
if (figures.some(isOver)) process.exitCode = 1;

async function measure(names: readonly MeasureName[]): Promise<void> {
  // Alone on the machine as long as possible, so the local run comes last.
  if (names.includes('door-cpu')) figures.push(...(await measureDoorCpu()));
  if (names.includes('genesys-ack')) figures.push(...(await measureGenesysAck()));
  if (names.includes('bundle-size')) figures.push(...measureBundleSize(root));
  if (!names.includes('sdk-calls') && !names.includes('batch-concurrency')) return;
  const run = await startLocalRun(root);
  try {
    if (names.includes('sdk-calls')) figures.push(...(await measureSdkCalls(run)));
    if (names.includes('batch-concurrency')) figures.push(...(await measureBatchConcurrency(run)));
  } finally {
    await run.stop();
  }
}
