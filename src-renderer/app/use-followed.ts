import { useEffect, useState } from 'react';
import { follow } from './follow.ts';

type Open<T> = Parameters<typeof follow<T>>[0];

/** The newest value of a stream of state, null before the first; left when the part of the screen is gone or `open` is another. */
export function useFollowed<T>(open: Open<T>): T | null {
  const [heard, setHeard] = useState<{ open: Open<T>; value: T } | null>(null);
  useEffect(() => {
    const leaving = new AbortController();
    void follow(open, (value: T) => setHeard({ open, value }), { signal: leaving.signal });
    return () => leaving.abort();
  }, [open]);
  return heard?.open === open ? heard.value : null;
}
