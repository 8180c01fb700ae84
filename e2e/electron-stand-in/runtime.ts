/** What the pieces of the stand-in share: one program, one state. */
import type { CustomScheme, WebContents } from 'electron';
import type { StandInChromium } from './chromium.ts';

export interface Runtime {
  /** `starting`: main is being evaluated, or Chromium is not up yet. */
  phase: 'starting' | 'ready' | 'over';
  /** Started by the first page: what is refused before is refused without it. */
  chromium: Promise<StandInChromium> | undefined;
  sandboxEnabled: boolean;
  /** Privileged schemes, by name. */
  readonly schemes: Map<string, CustomScheme>;
  readonly windows: Set<StandInWindow>;
}

/** One window, as the program's other parts see it. */
export interface StandInWindow {
  /** The object that main holds. */
  readonly api: object;
  readonly contents: Pick<WebContents, 'id'>;
  targetId(): string | undefined;
  close(): Promise<void>;
}

export const runtime: Runtime = {
  phase: 'starting',
  chromium: undefined,
  sandboxEnabled: false,
  schemes: new Map(),
  windows: new Set(),
};
