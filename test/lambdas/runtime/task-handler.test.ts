import { createTaskHandler } from '../../../lambdas/runtime/task-handler.ts';
import { RecordingTelemetry } from '../../fakes/outside-world.ts';

class FlushedRecording extends RecordingTelemetry {
  flushes = 0;

  flush(): void {
    this.flushes += 1;
  }
}

const context = { getRemainingTimeInMillis: () => 1000 };

describe('a task', () => {
  it('gets the event and the time it has, and answers what it answers', async () => {
    const telemetry = new FlushedRecording();
    const handler = createTaskHandler(
      async (event: { n: number }, { getRemainingTimeInMillis }) => event.n + getRemainingTimeInMillis(),
      telemetry,
    );
    expect(await handler({ n: 1 }, context)).toBe(1001);
    expect(telemetry.flushes).toBe(1);
  });

  it('that fails is written down and fails for its caller as well', async () => {
    const telemetry = new FlushedRecording();
    const handler = createTaskHandler(() => Promise.reject(new Error('no')), telemetry);
    await expect(handler({}, context)).rejects.toThrow('no');
    expect(telemetry.problems.map(({ name }) => name)).toEqual(['task.failed']);
    expect(telemetry.flushes).toBe(1);
  });
});
