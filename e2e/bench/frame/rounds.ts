import { rounded, median, rangeOf } from './statistics.ts';

/** What each contender measured in one round. */
export type Round<Name extends string, Sample> = Readonly<Record<Name, Sample>>;

export interface RoundsOptions<Name extends string, Sample> {
  readonly contenders: Readonly<Record<Name, () => Promise<Sample>>>;
  /** Rounds wanted after the disturbed ones are dropped. */
  readonly rounds: number;
  /** 0 to 1, for the order in each round. */
  readonly random: () => number;
  /** A rate of the undisturbed reference in a round; rounds more than 15 % under the best are dropped. */
  readonly reference?: (round: Round<Name, Sample>) => number;
  readonly signal: AbortSignal;
  readonly onRound?: (round: Round<Name, Sample>, number: number) => void;
}

const LEAST_OF_BEST = 0.85;
const MOST_EXTRA = 2;

export interface Rounds<Name extends string, Sample> {
  readonly kept: readonly Round<Name, Sample>[];
  readonly dropped: number;
}

/**
 * Measures all contenders once a round, in random order, until enough rounds were undisturbed (at most twice as many as wanted).
 * All contenders are up the whole time; each is measured alone.
 */
export async function measureRounds<Name extends string, Sample>(
  options: RoundsOptions<Name, Sample>,
): Promise<Rounds<Name, Sample>> {
  const all: Round<Name, Sample>[] = [];
  const kept = (): Round<Name, Sample>[] => {
    const { reference } = options;
    if (!reference) return all;
    const best = Math.max(...all.map(reference));
    return all.filter((round) => reference(round) >= LEAST_OF_BEST * best);
  };
  while (kept().length < options.rounds && all.length < options.rounds * MOST_EXTRA) {
    options.signal.throwIfAborted();
    const measured: Partial<Record<Name, Sample>> = {};
    for (const name of shuffled(Object.keys(options.contenders) as Name[], options.random)) {
      measured[name] = await options.contenders[name]();
    }
    const round = measured as Round<Name, Sample>;
    all.push(round);
    options.onRound?.(round, all.length);
  }
  return { kept: kept(), dropped: all.length - kept().length };
}

/** Median and range of a figure over the rounds; a ratio is to be taken inside each. */
export function overRounds<Name extends string, Sample>(
  { kept }: Rounds<Name, Sample>,
  figure: (round: Round<Name, Sample>) => number,
): { value: number; range: [number, number]; samples: number } {
  const values = kept.map(figure);
  const [least, most] = rangeOf(values);
  return { value: rounded(median(values)), range: [rounded(least), rounded(most)], samples: values.length };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
