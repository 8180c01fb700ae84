/** Counts events of the recent past in slots of equal length: the last minute in seconds, the last hour in minutes. */
export interface RollingCount {
  /** `at`: milliseconds since the epoch, database clock. */
  add(at: number): void;
  sum(at: number): number;
}

export function createRollingCount(slots: number, slotMs: number): RollingCount {
  const counts = new Uint32Array(slots);
  let newest = 0;
  let sum = 0;

  function advance(at: number): void {
    const slot = Math.floor(at / slotMs);
    if (slot <= newest) return;
    if (slot - newest >= slots) {
      counts.fill(0);
      sum = 0;
    } else {
      for (let index = newest + 1; index <= slot; index += 1) {
        sum -= counts[index % slots] ?? 0;
        counts[index % slots] = 0;
      }
    }
    newest = slot;
  }

  return {
    add: (at) => {
      advance(at);
      counts[newest % slots] = (counts[newest % slots] ?? 0) + 1;
      sum += 1;
    },
    sum: (at) => {
      advance(at);
      return sum;
    },
  };
}
