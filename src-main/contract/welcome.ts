import { z } from 'zod';
import { base } from './errors.ts';

/** `seen`: the user has put the words of the first start away, on this machine. */
export const welcomeState = z.object({ seen: z.boolean() });

export const welcome = {
  state: base.output(welcomeState),
  /** Remembered; the palette brings the words back for as long as the window is open. */
  putAway: base.output(welcomeState),
};

export type WelcomeState = z.infer<typeof welcomeState>;
