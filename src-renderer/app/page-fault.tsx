import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { StatePanel } from '../ui/state-panel.tsx';

/** A page that broke; the rest of the window and everything behind it goes on. */
export function PageFault({ error }: ErrorComponentProps): ReactNode {
  return (
    <StatePanel
      kind="error"
      title="This page met a fault"
      action={
        <button type="button" className="td-button" onClick={() => window.location.reload()}>
          Load the window again
        </button>
      }
    >
      Nothing was changed by it. {error instanceof Error ? error.message : ''}
    </StatePanel>
  );
}

export function NoSuchPage(): ReactNode {
  return (
    <StatePanel kind="empty" title="There is no such page" action={<Link to="/board">To the board</Link>}>
      The address may be of a version with other pages.
    </StatePanel>
  );
}
