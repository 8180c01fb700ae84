import { median } from './statistics.ts';

/** Runs `work` `times` times, one after the other; resolves with the median of the milliseconds. */
export async function medianMs(times: number, work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const begun = performance.now();
    await work();
    taken.push(performance.now() - begun);
  }
  return median(taken);
}

/** Runs `work` on `workers` at once until the time is over; resolves with how many were done a second. */
export async function ratePerSecond(
  seconds: number,
  workers: number,
  work: (worker: number) => Promise<number>,
): Promise<number> {
  const begun = performance.now();
  const until = begun + seconds * 1000;
  let done = 0;
  const run = async (worker: number): Promise<void> => {
    while (performance.now() < until) {
      // Read only after the wait: `done += await …` would lose what the others did meanwhile.
      const more = await work(worker);
      done += more;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => run(worker)));
  return (done * 1000) / (performance.now() - begun);
}
