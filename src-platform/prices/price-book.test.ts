import { expect, test } from 'vitest';
import { readPriceBook } from './price-book.ts';

test('prices are exact integers of nano-USD per million tokens', () => {
  const book = readPriceBook();
  const find = (model: string) => book.filter((price) => price.model === model);
  expect(find('gpt-4o')).toEqual([
    expect.objectContaining({
      provider: 'openai',
      input: 2_500_000_000n,
      cachedInput: 1_250_000_000n,
      output: 10_000_000_000n,
    }),
  ]);
  expect(find('gpt-4o-2024-11-20')).toHaveLength(1);
  expect(find('claude-sonnet-4-5')[0]).toMatchObject({ longContextTokens: 200_000, longContextInput: 6_000_000_000n });
});

test('a change of price is a version of its own, from its date on', () => {
  const versions = readPriceBook().filter(({ model }) => model === 'gpt-5.6-luna');
  expect(versions.map(({ priceVersion }) => priceVersion)).toEqual([1, 2]);
  expect(versions[1]?.validFrom.toISOString()).toBe('2026-07-30T00:00:00.000Z');
});

test('no model stands twice in one version', () => {
  const names = readPriceBook().map(({ provider, model, priceVersion }) => `${provider}/${model}/${priceVersion}`);
  expect(new Set(names).size).toBe(names.length);
});
