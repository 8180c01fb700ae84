import type { ReactNode } from 'react';
import type { Forbidding } from './open-button.tsx';
import classes from './panel-section.module.css';

export interface PanelSectionProps extends Forbidding {
  /** "Keys of Clinic B" */
  label: string;
  title: string;
  /** Beside the title: what opens a form, or of when the figures are. */
  aside: ReactNode;
  children: ReactNode;
}

/** A section of a client's panel in which something may be changed: its head, why nothing can be, its contents. */
export function PanelSection({ label, title, aside, forbidden, reasonId, children }: PanelSectionProps): ReactNode {
  return (
    <section className={classes['section']} aria-label={label}>
      <header className={classes['head']}>
        <h3>{title}</h3>
        {aside}
      </header>
      {forbidden === null ? null : (
        <p id={reasonId} className={classes['quiet']}>
          {forbidden}
        </p>
      )}
      {children}
    </section>
  );
}
