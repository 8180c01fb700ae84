import { IconPlus } from '@tabler/icons-react';
import { useId, type ReactNode } from 'react';

/** "New client", or why this operator can't make one. */
export function NewClientButton({ forbidden, onOpen }: { forbidden: string | null; onOpen: () => void }): ReactNode {
  const reasonId = useId();
  return (
    <>
      <button
        type="button"
        className="td-button"
        aria-keyshortcuts="N"
        aria-disabled={forbidden !== null}
        aria-describedby={forbidden === null ? undefined : reasonId}
        title={forbidden ?? 'New client (N)'}
        onClick={() => {
          if (forbidden === null) onOpen();
        }}
      >
        <IconPlus size={14} aria-hidden="true" />
        New client
      </button>
      {forbidden === null ? null : (
        <span id={reasonId} className="td-unseen">
          {forbidden}
        </span>
      )}
    </>
  );
}
