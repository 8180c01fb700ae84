import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { PricesRepository } from './prices-repository.ts';

export function createPricesHandlers(repository: PricesRepository) {
  const os = implement(contract.prices);
  return { unpriced: os.unpriced.handler(() => repository.unpriced()) };
}
