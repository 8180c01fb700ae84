import { useEffect, useRef, type ReactNode } from 'react';
import { formatAge } from './format-instant.ts';

export interface AgeStampProps {
  /** Age now in ms; null: nothing yet. */
  ageMs: () => number | null;
  /** From here on it is marked as old. */
  oldAfterMs: number;
  /** Says it in words: (age) => "figures 0.4 s old". */
  say: (age: string) => string;
}

/** How old something is, counted on outside React twice a second. */
export function AgeStamp({ ageMs, oldAfterMs, say }: AgeStampProps): ReactNode {
  const text = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const write = (): void => {
      if (!text.current) return;
      const age = ageMs();
      text.current.textContent = age === null ? '' : say(formatAge(age));
      text.current.dataset['old'] = String(age !== null && age > oldAfterMs);
    };
    write();
    const timer = setInterval(write, 500);
    return () => clearInterval(timer);
  }, [ageMs, oldAfterMs, say]);
  return <span ref={text} className="td-age" />;
}
