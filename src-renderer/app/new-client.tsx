import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { NewClientDialog } from '../tenants/new-client-dialog.tsx';
import type { Console } from './console.ts';

/** The dialog for a new client, over whatever page; the client's panel stands open when it closes. */
export function NewClient({ console }: { console: Console }): ReactNode {
  const { client, board, newKey } = console;
  const navigate = useNavigate();
  return (
    <NewClientDialog
      fetchChoices={(signal) => client.tenants.choices(undefined, { signal })}
      create={(input) => client.tenants.create(input)}
      newKey={newKey}
      rows={() => board.data.get()?.rows.values() ?? []}
      onCreated={(tenantId) => {
        console.changed();
        console.cursor.set(tenantId);
        void navigate({ to: '/board/$tenantId', params: { tenantId }, search: { tab: 'keys' } });
      }}
      onClose={() => console.newClient.set(false)}
    />
  );
}
