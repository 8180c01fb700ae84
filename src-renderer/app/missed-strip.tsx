import { Link } from '@tanstack/react-router';
import { Fragment, useEffect, useState, type ReactNode } from 'react';
import type { Missed } from '../../src-main/contract/session.ts';
import { formatAge } from '../ui/format-instant.ts';
import { useLiveValue } from '../ui/live-value.ts';
import { StateMark } from '../ui/state-mark.tsx';
import type { Console } from './console.ts';
import { missedWords } from './missed-words.ts';
import classes from './missed-strip.module.css';

/** After unlocking, above every page: what came while the console was locked, until it is put away. */
export function MissedStrip({ console }: { console: Console }): ReactNode {
  const session = useLiveValue(console.session);
  const [missed, setMissed] = useState<Missed | null>(null);
  const { client } = console;
  const there = session !== null && session.operator !== null && session.database.state === 'live';
  useEffect(() => {
    // Away again meanwhile: asked once more when the database is back.
    if (there) client.session.missed().then(setMissed, () => undefined);
  }, [client, there]);
  const kinds = missed === null ? [] : missedWords(missed);
  if (missed === null || kinds.length === 0) return null;
  return (
    <section className={classes['strip']} aria-label="Since it was locked">
      <StateMark shape="pause" tone="idle" />
      <span>
        Since it was locked (for {formatAge(missed.unlockedAt.getTime() - missed.lockedAt.getTime())}):{' '}
        {kinds.map(({ words, show }, index) => (
          <Fragment key={words}>
            {index === 0 ? '' : ', '}
            <Link to="/inbox" search={show === 'decided' ? { show } : {}}>
              {words}
            </Link>
          </Fragment>
        ))}
      </span>
      <button
        type="button"
        className="td-link"
        onClick={() => {
          setMissed(null);
          void client.session.missedSeen().catch(() => undefined);
        }}
      >
        Put away
      </button>
    </section>
  );
}
