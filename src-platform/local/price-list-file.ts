import { writeAtomically } from './credentials-file.ts';
import type { BookedPrice } from '../prices/price-book.ts';
import type { PriceListFile } from './provider/price-list.ts';

/** Hands the pretend provider the prices it bills by: of each model the newest that is in force. */
export function writePriceList(file: string, book: readonly BookedPrice[], now: number): void {
  const newest = new Map<string, BookedPrice>();
  for (const price of book) if (price.validFrom.getTime() <= now) newest.set(price.model, price);
  const list: PriceListFile = [...newest.values()].map((price) => ({
    model: price.model,
    input: price.input.toString(),
    cachedInput: price.cachedInput.toString(),
    cacheWrite: price.cacheWrite.toString(),
    hourCacheWrite: price.hourCacheWrite?.toString() ?? null,
    output: price.output.toString(),
    reasoning: price.reasoning.toString(),
    longContextTokens: price.longContextTokens,
    longContextInput: price.longContextInput?.toString() ?? null,
    longContextCachedInput: price.longContextCachedInput?.toString() ?? null,
    longContextCacheWrite: price.longContextCacheWrite?.toString() ?? null,
    longContextHourCacheWrite: price.longContextHourCacheWrite?.toString() ?? null,
    longContextOutput: price.longContextOutput?.toString() ?? null,
  }));
  writeAtomically(file, JSON.stringify(list));
}
