interface Order {
  readonly url: string;
  readonly body: string;
  /** One set of headers a call, taken in turn. */
  readonly headers: readonly Readonly<Record<string, string>>[];
  readonly connections: number;
}

/** Every connection calls again as soon as it has its answer. */
export interface ClosedOrder extends Order {
  readonly kind: 'closed';
  readonly seconds: number;
}

/** Calls are due at fixed times, whether or not the ones before are answered. */
export interface OpenOrder extends Order {
  readonly kind: 'open';
  readonly seconds: number;
  readonly perSecond: number;
}

/** `connections` streams are begun at once, `waves` times one after the other. */
export interface StreamsOrder extends Order {
  readonly kind: 'streams';
  readonly waves: number;
  /** Milliseconds over which the streams of a wave are begun. */
  readonly spreadMs: number;
  /** Chunks that a complete stream has. */
  readonly chunks: number;
}

export type LoadOrder = ClosedOrder | OpenOrder | StreamsOrder;

/** What was seen; times in microseconds. */
export interface LoadReport {
  readonly calls: number;
  readonly failed: number;
  readonly seconds: number;
  /** Of whole calls; for streams the time to the first chunk. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** How often each status other than 200 came; errors of the connection by their code. Not by wrk. */
  readonly refusals?: Readonly<Record<string, number>>;
  readonly streams?: StreamFigures;
}

export interface StreamFigures {
  /** Time between one chunk and the next at the reader. */
  readonly gapP50: number;
  readonly gapP95: number;
  /** From the provider's write to the reader. */
  readonly wayP50: number;
  readonly wayP95: number;
  readonly lostChunks: number;
  readonly brokenStreams: number;
}
