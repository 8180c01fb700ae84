import { IconBell, IconInbox } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import type { Console } from './console.ts';
import { inboxMarkOf } from './inbox-mark-of.ts';
import classes from './inbox-mark.module.css';

/** On a client's row: that it asks for more, or that an alert of it is open; the way to both. Nothing without either. */
export function InboxMark({
  console,
  tenantId,
  name,
}: {
  console: Pick<Console, 'inbox' | 'alerts'>;
  tenantId: string;
  name: string;
}): ReactNode {
  const inbox = useLiveValue(console.inbox);
  const alerts = useLiveValue(console.alerts);
  const mark = inboxMarkOf(tenantId, inbox, alerts);
  if (mark === null) return null;
  const Icon = mark.kind === 'asks' ? IconInbox : IconBell;
  return (
    <Link
      to="/inbox"
      search={mark.search}
      className={classes['mark']}
      data-kind={mark.kind}
      data-control={true}
      aria-label={`${name}: ${mark.words}`}
      title={mark.words}
    >
      <Icon size={14} stroke={1.8} aria-hidden="true" />
    </Link>
  );
}
