import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useLiveValue } from '../ui/live-value.ts';
import { WelcomeCard } from '../welcome/welcome-card.tsx';
import type { Console } from './console.ts';

/** The words of the first start above the board, until they are put away; the palette brings them back. */
export function FirstSteps({ console }: { console: Console }): ReactNode {
  const { welcome, client, board, cursor } = console;
  const shown = useLiveValue(welcome);
  const profile = useLiveValue(console.session)?.profile;
  const navigate = useNavigate();
  if (!shown || !profile) return null;
  const first = board.data.get()?.rows.values().next().value;
  return (
    <WelcomeCard
      platform={profile.name}
      local={profile.kind === 'local'}
      client={first?.name ?? null}
      onOpenClient={() => {
        if (!first) return;
        cursor.set(first.tenantId);
        void navigate({ to: '/board/$tenantId', params: { tenantId: first.tenantId } });
      }}
      inbox={<Link to="/inbox">Inbox</Link>}
      reports={<Link to="/reports">Reports</Link>}
      onPutAway={() => {
        welcome.set(false);
        // Not kept: the next start says them once more.
        client.welcome.putAway().catch(() => undefined);
      }}
    />
  );
}
