import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ShellState } from '../contract/shell.ts';
import { BROWSER_ABILITIES } from '../shell/browser-abilities.ts';

/** The program around a window of a browser, as it is at first; `stay` makes a stream of one value that waits. */
export function createFakeShell(stay: (state: ShellState, signal?: AbortSignal) => AsyncGenerator<ShellState>) {
  const os = implement(contract).shell;
  return {
    watch: os.watch.handler(({ signal }) =>
      stay(
        {
          settings: { notifications: true, closeToTray: false, startAtLogin: false, updates: false },
          whyNot: BROWSER_ABILITIES.whyNot,
          updates: null,
          notifies: false,
          wanted: null,
          notice: null,
        },
        signal,
      ),
    ),
    change: os.change.handler(({ input }) => input),
    update: os.update.handler(() => ({})),
    arrived: os.arrived.handler(() => ({})),
    noticed: os.noticed.handler(() => ({})),
  };
}
