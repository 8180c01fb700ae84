/** One figure of the report, beside its goal. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  /** The goal in words and signs, such as `≥ 0.75`; absent: for information. */
  readonly goal?: string;
  /** True when `value` reaches the goal. */
  readonly met?: boolean;
  /** Smallest and largest of the rounds. */
  readonly range?: readonly [number, number];
  /** Rounds or samples behind `value`. */
  readonly samples?: number;
  /** What was measured in the same run, for comparison. */
  readonly peers?: Readonly<Record<string, number | string>>;
  /** Under which conditions, in words. */
  readonly conditions?: string;
}

/** Figures by name. A benchmark that could not measure something says so in `missing`. */
export interface BenchmarkResult {
  readonly figures: Readonly<Record<string, Figure>>;
  /** What could not be measured and why. */
  readonly missing?: readonly string[];
}
