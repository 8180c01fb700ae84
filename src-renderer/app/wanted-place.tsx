import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { ShellNotice } from '../shell/shell-notice.tsx';
import { createLiveValue, useLiveValue } from '../ui/live-value.ts';
import type { Console } from './console.ts';

/**
 * Goes where a link, a notification or the tray asked to go, once, and shows what happened to the window. A client is known by its short
 * name as soon as the board was told; one that is not there, or not this operator's, is said in the same words.
 */
export function WantedPlace({ console }: { console: Console }): ReactNode {
  const { client, board, cursor } = console;
  const state = useLiveValue(console.shell);
  const wanted = state?.wanted ?? null;
  const boardTold = useSyncExternalStore(board.data.subscribe, () => board.data.get() !== null);
  const [missed] = useState(() => createLiveValue<string | null>(null));
  const missing = useLiveValue(missed);
  const navigate = useNavigate();

  useEffect(() => {
    if (wanted === null || (wanted.place.kind === 'client' && !boardTold)) return;
    const { place, number } = wanted;
    missed.set(null);
    if (place.kind === 'settings') void navigate({ to: '/settings' });
    else if (place.kind === 'inbox') {
      void navigate({ to: '/inbox', search: place.itemId === null ? {} : { item: place.itemId } });
    } else {
      const row = [...(board.data.get()?.rows.values() ?? [])].find(({ slug }) => slug === place.slug);
      if (row) {
        cursor.set(row.tenantId);
        void navigate({ to: '/board/$tenantId', params: { tenantId: row.tenantId } });
      } else missed.set(place.slug);
    }
    // Not heard: the next window goes there once more.
    client.shell.arrived({ number }).catch(() => undefined);
  }, [wanted, missed, boardTold, board, cursor, client, navigate]);

  const words =
    missing === null
      ? (state?.notice ?? null)
      : `A link asked for the client “${missing}”. You have none with that short name on this platform.`;
  return (
    <ShellNotice
      sentence={words}
      onRead={() => (missing === null ? void client.shell.noticed().catch(() => undefined) : missed.set(null))}
    />
  );
}
