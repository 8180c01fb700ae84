import type { ReactNode } from 'react';
import classes from './tab-bar.module.css';

/** Pages beside each other under one heading. `children`: links, the one shown with `aria-current="page"`. */
export function TabBar({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <nav className={classes['bar']} aria-label={label}>
      {children}
    </nav>
  );
}
