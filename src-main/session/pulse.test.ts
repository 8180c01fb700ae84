import { expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createPulse } from './pulse.ts';

it('beats once a second, and ends its streams when it is closed', async () => {
  const clock = createFakeClock();
  const pulse = createPulse(clock);
  const stream = pulse.watch();
  expect(await stream.next()).toEqual({ done: false, value: { at: clock.now() } });
  for (let beat = 0; beat < 3; beat += 1) {
    const next = stream.next();
    await clock.advance(1_000);
    expect(await next).toEqual({ done: false, value: { at: clock.now() } });
  }
  const last = stream.next();
  pulse.close();
  await clock.advance(1_000);
  expect(await last).toEqual({ done: true, value: undefined });
  expect(clock.timers).toBe(0);
});
