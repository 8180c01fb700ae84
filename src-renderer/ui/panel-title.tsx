import { IconX } from '@tabler/icons-react';
import type { ReactNode, Ref } from 'react';
import classes from './panel-title.module.css';

export interface PanelTitleProps {
  /** Whose panel it is. */
  name: string;
  heading?: Ref<HTMLHeadingElement>;
  onClose: () => void;
}

/** The name above a side panel, and the button that closes it. */
export function PanelTitle({ name, heading, onClose }: PanelTitleProps): ReactNode {
  return (
    <div className={classes['title']}>
      <h2 ref={heading}>
        <bdi>{name}</bdi>
      </h2>
      <button type="button" className="td-button" aria-label="Close the panel" title="Close (Esc)" onClick={onClose}>
        <IconX size={15} aria-hidden="true" />
      </button>
    </div>
  );
}
