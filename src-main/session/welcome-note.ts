import type { WelcomeState } from '../contract/welcome.ts';
import type { KeptFile } from '../infra/kept-file.ts';
import type { Logger } from '../infra/logger.ts';

/** Whether the words of the first start are still to be shown. */
export interface WelcomeNote {
  state(): WelcomeState;
  putAway(): WelcomeState;
}

/** That the file is there is the memory; what is in it says when. One that can't be read or written costs a word more, never the start. */
export function createWelcomeNote(file: KeptFile, now: () => Date, log: Logger): WelcomeNote {
  let seen = false;
  try {
    seen = file.read() !== undefined;
  } catch {
    log.warn('It could not be read whether the words of the first start were seen.');
  }
  return {
    state: () => ({ seen }),
    putAway() {
      seen = true;
      try {
        file.write(JSON.stringify({ seenAt: now().toISOString() }));
      } catch {
        log.warn('It could not be kept that the words of the first start were seen.');
      }
      return { seen };
    },
  };
}
