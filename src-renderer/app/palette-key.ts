import { useEffect, useRef } from 'react';

/** Ctrl+K (⌘K), also while somebody types. */
export function usePaletteKey(onOpen: () => void): void {
  const current = useRef(onOpen);
  useEffect(() => {
    current.current = onOpen;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      current.current();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
