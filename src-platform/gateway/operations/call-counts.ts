import type { Refusal } from '../admission/refusal.ts';
import type { Operation } from '../calls/wire-format.ts';
import type { LedgerRow, Outcome } from '../ledger/ledger-row.ts';
import { createBuckets, type Buckets } from './buckets.ts';

/** What this process counted since it started: the calls in plain numbers, read when somebody asks for the metrics. */
export interface CallCounts {
  /** An attempt has its row. */
  settled(row: LedgerRow, operation: Operation): void;
  /** A call was turned away, whoever asked. */
  refused(refusal: Refusal): void;
  /** An admitted attempt never left: the provider was not reached. */
  unsent: number;
  /** Bills above their bound. */
  overBound: number;
  /** Rows that the ledger refused. */
  setAside: number;
  journalTrouble: number;
  readonly models: Iterable<ModelCounts>;
  readonly refusals: Iterable<{ readonly code: string; readonly status: number; readonly count: number }>;
}

/** The attempts of one model with one provider. */
export interface ModelCounts {
  readonly provider: string;
  readonly model: string;
  /** Of its first call: a model makes text or vectors, not both. */
  readonly operation: Operation;
  /** Seconds from admission to the end, by how it ended. */
  readonly durations: ReadonlyMap<Outcome, Buckets>;
  /** Rows that charge the bound because nobody knows the bill. */
  readonly estimates: number;
  readonly input: Buckets;
  readonly output: Buckets;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
  /** Nano-USD. */
  readonly cost: number;
  /** Seconds until the provider's first byte. */
  readonly firstByte: Buckets;
}

/** As the semantic conventions of OpenTelemetry give them. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
const MS = 1_000;

/** Models are those of the price book: a model that nobody priced is refused before it gets here, so their number is bounded. */
export function createCallCounts(): CallCounts {
  const byProvider = new Map<string, Map<string, Counting>>();
  const refusals = new Map<string, { readonly code: string; readonly status: number; count: number }>();

  function countingOf(provider: string, model: string, operation: Operation): Counting {
    const known = byProvider.get(provider)?.get(model);
    if (known !== undefined) return known;
    const counting = new Counting(provider, model, operation);
    const models = byProvider.get(provider) ?? new Map<string, Counting>();
    byProvider.set(provider, models.set(model, counting));
    return counting;
  }

  return {
    unsent: 0,
    overBound: 0,
    setAside: 0,
    journalTrouble: 0,
    settled: (row, operation) => countingOf(row.provider, row.model, operation).add(row),
    refused: ({ code, status }) => {
      const known = refusals.get(code);
      if (known === undefined) refusals.set(code, { code, status, count: 1 });
      else known.count += 1;
    },
    get models() {
      return [...byProvider.values()].flatMap((models) => Array.from(models.values()));
    },
    get refusals() {
      return refusals.values();
    },
  };
}

class Counting implements ModelCounts {
  readonly provider: string;
  readonly model: string;
  readonly operation: Operation;
  readonly durations = new Map<Outcome, Buckets>();
  readonly input = createBuckets(TOKENS);
  readonly output = createBuckets(TOKENS);
  readonly firstByte = createBuckets(SECONDS);
  estimates = 0;
  cachedInput = 0;
  cacheWrite = 0;
  reasoning = 0;
  cost = 0;

  constructor(provider: string, model: string, operation: Operation) {
    this.operation = operation;
    this.provider = provider;
    this.model = model;
  }

  add(row: LedgerRow): void {
    let duration = this.durations.get(row.outcome);
    if (duration === undefined) {
      duration = createBuckets(SECONDS);
      this.durations.set(row.outcome, duration);
    }
    duration.add(row.latency_ms / MS);
    if (row.first_token_ms !== null) this.firstByte.add(row.first_token_ms / MS);
    if (row.kind === 'estimate') this.estimates += 1;
    else {
      this.input.add(row.input_tokens);
      this.output.add(row.output_tokens);
    }
    this.cachedInput += row.cached_input_tokens;
    this.cacheWrite += row.cache_write_tokens;
    this.reasoning += row.reasoning_tokens;
    this.cost += row.cost_nanousd;
  }
}
