import type { Buckets } from './buckets.ts';

/** The text format of Prometheus, version 0.0.4. */

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** As they stand between the braces; empty: none. */
  readonly labels: string;
  readonly value: number;
  /** Behind the family's name: _bucket, _sum, _count. */
  readonly suffix?: string;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly Sample[];
}

export function textOf({ name, help, type, samples }: Family): string {
  let text = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  for (const { labels, value, suffix = '' } of samples) {
    text += labels === '' ? `${name}${suffix} ${value}\n` : `${name}${suffix}{${labels}} ${value}\n`;
  }
  return text;
}

export function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** Counts of buckets add up from the first on, as Prometheus has them. */
export function bucketSamples(labels: Labels, { bounds, counts, sum }: Buckets): Sample[] {
  const common = labelText(labels);
  const samples: Sample[] = [];
  let below = 0;
  for (const [index, count] of counts.entries()) {
    below += count;
    samples.push({ suffix: '_bucket', labels: `le="${bounds[index] ?? '+Inf'}",${common}`, value: below });
  }
  samples.push({ suffix: '_sum', labels: common, value: sum }, { suffix: '_count', labels: common, value: below });
  return samples;
}
