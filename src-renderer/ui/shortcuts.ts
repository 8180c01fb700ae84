import { useEffect, useRef } from 'react';

/** Keys as `KeyboardEvent.key` names them; letters in lower case. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/**
 * Single keys for the whole page. They rest while somebody types, while a dialog is open, and with Ctrl, Alt or Meta. A key
 * that is held down repeats only where it moves, never where it changes something.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const run = Object.hasOwn(current.current, key) ? current.current[key] : undefined;
      if (!run || !isFree(event, key)) return;
      if (event.repeat && !REPEATABLE.has(key)) return;
      event.preventDefault();
      run(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

const REPEATABLE = new Set(['j', 'k', 'ArrowDown', 'ArrowUp', 'PageDown', 'PageUp']);
/** Keys that a focused control needs itself. */
const SCROLLING = new Set(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End']);

function isFree(event: KeyboardEvent, key: string): boolean {
  if (document.querySelector('[role="dialog"]') !== null) return false;
  const at = event.target instanceof Element ? event.target : null;
  if (at === null || at === document.body) return true;
  if (at.closest('input, textarea, select, [contenteditable="true"]') !== null) return false;
  return !SCROLLING.has(key) || at.closest('[data-keys="own"]') === null;
}
