/** What was waited for did not come in time. */
export class PatienceOver extends Error {
  override readonly name = 'PatienceOver';
}

const TICK_MS = 100;

/**
 * Waits so many milliseconds of *running* time: turns of the event loop are counted, so that an answer which lies in the socket while
 * this process was kept from running is still read. Rejects with PatienceOver; what was waited for goes on unheard.
 */
export async function withPatience<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let left = Math.ceil(milliseconds / TICK_MS);
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setInterval(() => {
    left -= 1;
    if (left <= 0) reject(new PatienceOver(`No answer within ${milliseconds} ms.`));
  }, TICK_MS);
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearInterval(timer);
  }
}
