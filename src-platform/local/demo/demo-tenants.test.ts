import { expect, test } from 'vitest';
import { readPriceBook } from '../../prices/price-book.ts';
import { demoTenants } from './demo-tenants.ts';

test('the first tenants are always the same, whatever the number', () => {
  expect(demoTenants(0)).toEqual([]);
  expect(demoTenants(3).map(({ slug }) => slug)).toEqual(['salon-a', 'clinic-b', 'agency-c']);
  expect(demoTenants(40)).toEqual(demoTenants(60).slice(0, 40));
});

test('a thousand tenants have slugs, names and workflows of their own, and models that have a price', () => {
  const tenants = demoTenants(1_000);
  expect(new Set(tenants.map(({ slug }) => slug)).size).toBe(1_000);
  expect(new Set(tenants.map(({ name }) => name)).size).toBe(1_000);
  const priced = new Set(readPriceBook().map(({ provider, model }) => `${provider}/${model}`));
  for (const tenant of tenants) {
    expect(tenant.slug).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
    expect(tenant.workflows.length).toBeGreaterThanOrEqual(2);
    for (const { models } of tenant.workflows) {
      for (const { provider, model } of models) expect(priced).toContain(`${provider}/${model}`);
    }
  }
});

test('the dozen call eight to twelve times a second, a thousand tenants 20 to 40 times', () => {
  const rate = (count: number) => demoTenants(count).reduce((sum, { live }) => sum + live.callsPerSecond, 0);
  expect(rate(12)).toBeGreaterThan(8);
  expect(rate(12)).toBeLessThan(12);
  expect(rate(1_000)).toBeGreaterThan(20);
  expect(rate(1_000)).toBeLessThan(40);
});
