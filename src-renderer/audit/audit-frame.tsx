import type { ReactNode } from 'react';
import page from '../ui/page.module.css';

export interface AuditFrameProps {
  /** Name of the one client whose entries are shown; null: everybody's. */
  of: string | null;
  tabs: ReactNode;
  /** Leads back to everybody's. */
  allLink: ReactNode;
  children: ReactNode;
}

/** The heading of the audit page and the tab below it. */
export function AuditFrame({ of, tabs, allLink, children }: AuditFrameProps): ReactNode {
  return (
    <div className={page['page']}>
      <header className={page['head']}>
        <h1>Audit{of === null ? '' : ` of ${of}`}</h1>
        {of === null ? null : allLink}
        {tabs}
      </header>
      {children}
    </div>
  );
}
