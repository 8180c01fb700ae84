import { useEffect, useRef } from 'react';

/** Ctrl+L (⌘L), also while somebody types. */
export function useLockKey(onLock: () => void): void {
  const current = useRef(onLock);
  useEffect(() => {
    current.current = onLock;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const alone = !event.altKey && !event.shiftKey;
      if (!alone || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'l') return;
      event.preventDefault();
      current.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
