/** A process that saves and saves, until it is killed: what it says it has done, it has done. `kill-savers.ts` starts it. */
import { writeSync } from 'node:fs';
import { setImmediate as settled } from 'node:timers/promises';
import { keyOf, keysAfter, takeStep, vaultIn } from './save-steps.ts';

const [, , folder = '', seed = '', from = ''] = process.argv;
// Not buffered: what was written before a kill arrives.
const tell = (step: number): void => void writeSync(1, `${step}\n`);

const vault = vaultIn(folder);
if (Number(from) > 0 && !vault.unlockByKey(keyOf(seed, keysAfter(Number(from) - 1)))) {
  throw new Error('It does not open.');
}
tell(Number(from) - 1);
for (let step = Number(from); ; step += 1) {
  await takeStep(vault, seed, step);
  tell(step);
  await settled();
}
