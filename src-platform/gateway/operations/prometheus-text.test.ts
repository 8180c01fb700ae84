import { expect, test } from 'vitest';
import { createBuckets } from './buckets.ts';
import { bucketSamples, labelText, textOf } from './prometheus-text.ts';

test('a family is its help, its type and a line a sample', () => {
  const samples = [
    { labels: labelText({ model: 'a "b"\\c\nd' }), value: 0.5 },
    { labels: '', value: 2 },
  ];
  expect(textOf({ name: 'x_total', help: 'What\nit is.', type: 'counter', samples })).toBe(
    '# HELP x_total What\\nit is.\n# TYPE x_total counter\nx_total{model="a \\"b\\"\\\\c\\nd"} 0.5\nx_total 2\n',
  );
});

test('buckets add up, an upper end belongs to its bucket, the last one has none', () => {
  const buckets = createBuckets([1, 10]);
  for (const value of [0, 1, 1.5, 10, 11]) buckets.add(value);
  const text = textOf({ name: 'h', help: 'H', type: 'histogram', samples: bucketSamples({ m: 'x' }, buckets) });
  expect(text.split('\n').slice(2)).toEqual([
    'h_bucket{le="1",m="x"} 2',
    'h_bucket{le="10",m="x"} 4',
    'h_bucket{le="+Inf",m="x"} 5',
    'h_sum{m="x"} 23.5',
    'h_count{m="x"} 5',
    '',
  ]);
});
