import { OperatorError } from './operator-error.ts';

/** For long work that takes connections and the processor from everything else: CONFLICT with this sentence while it runs. */
export function oneAtATime(sentence: string): (work: () => Promise<void>) => Promise<void> {
  let running = false;
  return async (work) => {
    if (running) throw new OperatorError('CONFLICT', sentence);
    running = true;
    try {
      await work();
    } finally {
      running = false;
    }
  };
}
