import type { Policy, ProviderPolicy } from '../policy/policy.ts';
import type { Price } from '../pricing/price.ts';
import type { Dialect } from './wire-format.ts';

/** A provider that sells a model, and at what price. */
export interface Seller {
  readonly price: Price;
  readonly provider: ProviderPolicy;
}

/** Those that sell a model in a family of wire formats, in the order in which they are asked. */
export function sellersOf({ prices, providers }: Policy, model: string, dialect: Dialect): readonly Seller[] {
  const priced = prices.sellers(model);
  if (priced.length === 0) return NOBODY;
  const sellers: Seller[] = [];
  for (const provider of providers.values()) {
    if (!speaks(provider, dialect)) continue;
    const price = priced.find((one) => one.provider === provider.id);
    if (price !== undefined) sellers.push({ price, provider });
  }
  return sellers;
}

/** The first provider that would be asked in that family of formats. */
export function firstProvider({ providers }: Policy, dialect: Dialect): ProviderPolicy | undefined {
  return providers.values().find((provider) => speaks(provider, dialect));
}

const NOBODY: readonly Seller[] = [];

function speaks(provider: ProviderPolicy, dialect: Dialect): boolean {
  return provider.speaks === null || provider.speaks.includes(dialect);
}
