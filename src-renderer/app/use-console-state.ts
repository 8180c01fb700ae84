import { useEffect, useMemo, useState } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import { consoleState, type ConsoleState } from './console-state.ts';
import type { Console } from './console.ts';

const SILENCE_MS = 4_000;

/** The state of everything behind the window; draws again only when its words change. */
export function useConsoleState({ line, session, board, nowMs }: Console): ConsoleState {
  const lineNow = useLiveValue(line);
  const sessionNow = useLiveValue(session);
  const returns = useLiveValue(
    useMemo(() => ({ subscribe: board.data.subscribe, get: () => board.data.get()?.returns ?? null }), [board]),
  );
  const silent = useSilence(board, nowMs);
  return useMemo(() => {
    const state = consoleState(lineNow, sessionNow, returns);
    if (!silent || state.stale !== null || state.text === 'catching up') return state;
    const stale = 'No new figures have come for some seconds. What is shown may be old.';
    return { ...state, shape: 'dashed', tone: 'warn', text: 'catching up', stale };
  }, [lineNow, sessionNow, returns, silent]);
}

/** Main sends a frame each second; none for four is a sign of trouble. */
function useSilence(board: Console['board'], nowMs: () => number): boolean {
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => {
      const data = board.data.get();
      setSilent(data !== null && nowMs() - data.receivedMs > SILENCE_MS);
    }, 1_000);
    return () => clearInterval(timer);
  }, [board, nowMs]);
  return silent;
}
