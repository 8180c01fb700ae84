import type { AppWindow } from '../browser/app-window.ts';
import type { ConsolePorts } from '../app/create-console.ts';
import type { Lifetime } from './lifetime.ts';
import { watchBoard } from './watch-board.ts';

const SMOKE_TIMEOUT_MS = 90_000;

export interface SmokeOptions {
  readonly window: Pick<AppWindow, 'evaluate'>;
  readonly shell: ConsolePorts['shell'];
  readonly lifetime: Lifetime;
  /** Milliseconds since the command was started. */
  readonly clock: () => number;
  /** Gets the one line of JSON. */
  readonly print: (line: string) => void;
}

/** Waits until the board in the real window shows figures that move, says so in one line, and ends everything. */
export async function smoke({ window, shell, lifetime, clock, print }: SmokeOptions): Promise<void> {
  const { signal } = lifetime;
  const result = await watchBoard({ window, timeoutMs: SMOKE_TIMEOUT_MS, clock, signal });
  if (signal.aborted) return;
  if (result.ok) {
    print(JSON.stringify({ smoke: 'ok', shell, boardMs: result.boardMs }));
    lifetime.end({ exitCode: 0 });
  } else {
    lifetime.end({ exitCode: 1, message: `The smoke test failed: ${result.missing}` });
  }
}
