import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '../process/child.ts';

/** A part that is started again when it ends unasked. */
export interface SupervisedPart {
  readonly name: string;
  /** The process that runs now, or ran last. */
  readonly child: Child;
  /** Ends it for good. Safe to call twice. */
  stop(): Promise<void>;
}

export interface Supervision {
  readonly name: string;
  /** Starts the part; called again, with the same port and folders, after an end that nobody asked for. */
  readonly start: () => Promise<Child>;
  readonly say: (sentence: string) => void;
  readonly onStarted?: (child: Child) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const STEADY_AFTER_MS = 10_000;

/** Starts a part (throws when even the first start fails) and keeps it running. */
export async function superviseChild({ name, start, say, onStarted }: Supervision): Promise<SupervisedPart> {
  const stopping = new AbortController();
  let child = await start();
  onStarted?.(child);
  let pauseMs = FIRST_PAUSE_MS;

  const keepRunning = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const since = performance.now();
      const { code, signal } = await child.exited;
      if (stopping.signal.aborted) return;
      if (performance.now() - since > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      say(`${name} ended unexpectedly (${signal ?? `exit code ${code ?? 'unknown'}`}); starting it again.`);
      await restart();
    }
  };
  const restart = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await pause(pauseMs, undefined, { signal: stopping.signal });
        pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
        child = await start();
        onStarted?.(child);
        return;
      } catch (error) {
        if (!stopping.signal.aborted) say(error instanceof Error ? error.message : String(error));
      }
    }
  };
  const kept = keepRunning();
  return {
    name,
    get child() {
      return child;
    },
    stop: async () => {
      stopping.abort();
      await child.stop();
      await kept;
      // A restart that was under way when we were asked to stop.
      await child.stop();
    },
  };
}
