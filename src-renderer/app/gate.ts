import type { ConsoleAccess } from '../../src-main/contract/profiles.ts';
import { createLiveValue, type LiveValue } from '../ui/live-value.ts';

/** What the window shows: nothing yet, the lock, or the pages of the workspace that is open. */
export type Place<Pages> =
  { kind: 'waiting' } | { kind: 'locked'; access: ConsoleAccess } | { kind: 'open'; pages: Pages };

export interface GateOptions<Pages> {
  access: LiveValue<ConsoleAccess | null>;
  /** Opens the streams of a workspace; once in a window's life. */
  open: () => Pages;
  /** Loads the window afresh. `elsewhere`: what the address names is of another platform. */
  reload: (elsewhere: boolean) => void;
}

/**
 * A window shows one workspace in its life. When that is locked or another one is opened it is loaded afresh, so that nothing of
 * the clients stays in its memory and no figure of one platform stands beside those of another.
 */
export function createGate<Pages>({ access, open, reload }: GateOptions<Pages>): LiveValue<Place<Pages>> {
  const place = createLiveValue<Place<Pages>>({ kind: 'waiting' });
  let shown: { workspace: number | null; profile: string | undefined } | undefined;

  function hear(): void {
    const now = access.get();
    if (now === null) return;
    if (shown === undefined) {
      if (now.locked) {
        place.set({ kind: 'locked', access: now });
        return;
      }
      shown = { workspace: now.workspace, profile: now.current?.id };
      place.set({ kind: 'open', pages: open() });
      return;
    }
    if (now.workspace !== shown.workspace) {
      const elsewhere = !now.locked && now.current?.id !== shown.profile;
      shown = { workspace: now.workspace, profile: now.current?.id };
      reload(elsewhere);
    }
  }
  access.subscribe(hear);
  hear();
  return place;
}
