import type { ReactNode } from 'react';

/** Whether something may be changed here, and the element that says why not. */
export interface Forbidding {
  /** In a sentence; null: it may be. */
  forbidden: string | null;
  reasonId: string;
}

export interface OpenButtonProps extends Forbidding {
  opened: boolean;
  onOpen: (opened: boolean) => void;
  /** What it opens needs something that is still on its way: false. */
  ready?: boolean;
  children: ReactNode;
}

/** Opens and closes a form below it. */
export function OpenButton({
  opened,
  onOpen,
  forbidden,
  reasonId,
  ready = true,
  children,
}: OpenButtonProps): ReactNode {
  const off = forbidden !== null || !ready;
  return (
    <button
      type="button"
      className="td-button"
      aria-expanded={opened}
      aria-disabled={off}
      aria-describedby={forbidden === null ? undefined : reasonId}
      onClick={() => {
        if (!off) onOpen(!opened);
      }}
    >
      {children}
    </button>
  );
}
