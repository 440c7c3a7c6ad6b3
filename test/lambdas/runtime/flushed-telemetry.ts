import type { FlushedTelemetry } from '../../../lambdas/runtime/telemetry.ts';
import { RecordingTelemetry } from '../../fakes/outside-world.ts';

/** Remembers what was told to it, in order, and when it was flushed. */
export class RecordingFlushedTelemetry extends RecordingTelemetry implements FlushedTelemetry {
  flushes = 0;

  flush(): void {
    this.flushes += 1;
  }
}
