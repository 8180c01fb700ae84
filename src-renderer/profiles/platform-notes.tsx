import { useState, type ReactNode } from 'react';
import { StateMark } from '../ui/state-mark.tsx';
import classes from './platform-notes.module.css';

/** Above every page: what is so with this platform as long as it is open. Put away until the window begins afresh or it says more. */
export function PlatformNotes({ notes }: { notes: readonly string[] }): ReactNode {
  const [away, setAway] = useState<readonly string[]>([]);
  const shown = notes.filter((note) => !away.includes(note));
  if (shown.length === 0) return null;
  return (
    <section className={classes['notes']} aria-label="About this platform">
      <StateMark shape="triangle" tone="warn" />
      <div>
        {shown.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </div>
      <button type="button" className="td-link" onClick={() => setAway([...away, ...shown])}>
        Put away
      </button>
    </section>
  );
}
