import type { BoardFrame } from '../../../../src-main/contract/board.ts';

export interface Feed {
  /** All clients, as they stand at the beginning. */
  readonly first: BoardFrame;
  /** Hears ten frames a second, every client changed in each. */
  onFrame(listener: (frame: BoardFrame) => void): void;
}

/** Draws the feed into the place. */
export type Variant = (place: HTMLElement, feed: Feed) => void;
