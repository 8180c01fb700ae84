import type { ReactNode } from 'react';
import classes from './state-mark.module.css';

/** Red (`alarm`) is only for what refuses or loses money now. */
export type Tone = 'calm' | 'warn' | 'alarm' | 'idle';
export type StateShape = 'circle' | 'triangle' | 'square' | 'dashed' | 'pause';

/** A shape that says the state without its colour. Decorative: words stand beside it. */
export function StateMark({ shape, tone }: { shape: StateShape; tone: Tone }): ReactNode {
  return (
    <svg className={classes['mark']} data-tone={tone} viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      {SHAPES[shape]}
    </svg>
  );
}

const SHAPES: Record<StateShape, ReactNode> = {
  circle: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  triangle: <path d="M6 1.5 11.2 10.5H0.8Z" fill="currentColor" />,
  square: <rect x="1.5" y="1.5" width="9" height="9" fill="currentColor" />,
  dashed: (
    <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.2 1.6" />
  ),
  pause: <path d="M2.5 2h2.6v8H2.5zM6.9 2h2.6v8H6.9z" fill="currentColor" />,
};
