import { useMemo } from 'react';

const IDLE_MS = 15_000;

/** Tells whether somebody works in the table right now, so that its rows must keep their places. */
export interface WorkHold {
  isHeld: () => boolean;
  handlers: {
    onPointerMove: () => void;
    onPointerDown: () => void;
    onPointerLeave: () => void;
    onFocus: () => void;
    onBlur: () => void;
    onKeyDown: () => void;
  };
}

/**
 * Held while the pointer or the focus is in the table. A pointer left lying there, or a focus nobody used, lets go after
 * 15 s, else the board of an unattended desk would never put a refusing client on top; an open dialog of a row never does.
 */
function createWorkHold(nowMs: () => number): WorkHold {
  let pointerInside = false;
  let focusInside = false;
  let lastSign = 0;
  const sign = (): void => {
    lastSign = nowMs();
  };
  return {
    isHeld: () => {
      if (document.querySelector('[data-board] [aria-expanded="true"]') !== null) return true;
      return (pointerInside || focusInside) && nowMs() - lastSign < IDLE_MS;
    },
    handlers: {
      onPointerMove: () => {
        pointerInside = true;
        sign();
      },
      onPointerDown: sign,
      onPointerLeave: () => {
        pointerInside = false;
      },
      onFocus: () => {
        focusInside = true;
        sign();
      },
      onBlur: () => {
        focusInside = false;
      },
      onKeyDown: sign,
    },
  };
}

export function useWorkHold(nowMs: () => number): WorkHold {
  return useMemo(() => createWorkHold(nowMs), [nowMs]);
}
