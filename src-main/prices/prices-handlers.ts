import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { PricesRepository } from './prices-repository.ts';

export function createPricesHandlers() {
  const os = implement(contract.prices).$context<{ readonly prices: PricesRepository }>();
  return { unpriced: os.unpriced.handler(({ context }) => context.prices.unpriced()) };
}
