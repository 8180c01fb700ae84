import type { Clock } from '../infra/clock.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';

const PULSE_MS = 1_000;

export interface Pulse extends Pick<StateFeed<{ at: Date }>, 'watch'> {
  close(): void;
}

/** A beat each second whatever the platform does, also when none is open: it is about the line to the window. */
export function createPulse(clock: Clock): Pulse {
  const feed = createStateFeed({ at: clock.now() });
  const stop = clock.every(PULSE_MS, () => feed.set({ at: clock.now() }));
  return {
    watch: (signal) => feed.watch(signal),
    close() {
      stop();
      feed.close();
    },
  };
}
