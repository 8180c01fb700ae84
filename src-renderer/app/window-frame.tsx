import { lazy, Suspense, useEffect, type ReactNode } from 'react';
import { useLiveValue, type LiveValue } from '../ui/live-value.ts';
import type { ConsoleClient } from './connect.ts';
import type { Place } from './gate.ts';

const LockScreen = lazy(async () => ({ default: (await import('../vault/lock-screen.tsx')).LockScreen }));

export interface WindowFrameProps<Pages> {
  place: LiveValue<Place<Pages>>;
  client: ConsoleClient;
  render: (pages: Pages) => ReactNode;
}

/** Somebody is at the window: told this often at most, in ms. */
const TELL_EVERY_MS = 30_000;

/** The pages, or the lock in their place. */
export function WindowFrame<Pages>({ place, client, render }: WindowFrameProps<Pages>): ReactNode {
  const now = useLiveValue(place);
  useEffect(() => tellWhoStays(() => void client.vault.stay().catch(() => undefined)), [client]);
  if (now.kind === 'waiting') return null;
  if (now.kind === 'open') return render(now.pages);
  return (
    <Suspense fallback={null}>
      <LockScreen
        vault={now.access.vault}
        lock={now.access.lock}
        calls={{ unlock: (input) => client.vault.unlock(input), startOver: () => client.vault.startOver() }}
      />
    </Suspense>
  );
}

function tellWhoStays(tell: () => void): () => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  const onWork = (): void => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    tell();
  };
  const kinds = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
  for (const kind of kinds) window.addEventListener(kind, onWork, { passive: true });
  return () => {
    for (const kind of kinds) window.removeEventListener(kind, onWork);
  };
}
