import type { Clock } from '../infra/clock.ts';
import { streamState } from '../infra/state-stream.ts';

const PULSE_MS = 1_000;

/** A beat at once and one each second, until `ended`. */
export function streamPulse(
  { clock, ended }: { readonly clock: Clock; readonly ended: () => boolean },
  signal?: AbortSignal,
): AsyncGenerator<{ at: Date }, void, unknown> {
  let due = true;
  return streamState(
    {
      start: (wake) =>
        clock.every(PULSE_MS, () => {
          due = true;
          wake();
        }),
      take() {
        if (!due) return undefined;
        due = false;
        return { at: clock.now() };
      },
      ended,
    },
    signal,
  );
}
