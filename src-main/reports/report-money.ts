/** What amounts are converted with: USD for one unit of the client's currency, as a decimal. */
export interface ReportRate {
  readonly usdPerUnit: string;
}

const NANO = 1_000_000_000n;

/**
 * AI cost in a currency with so many decimals, in whole units of 10⁻ᵈᵉᶜⁱᵐᵃˡˢ, rounded half up. Whole numbers on the way: a PDF and
 * a CSV that both use this say the same. Without a rate the amount stays in USD. `among`: the part of one of so many.
 */
export function convertNanoUsd(nanoUsd: bigint, rate: ReportRate | null, decimals: number, among = 1n): bigint {
  const { scaled, scale } = decimal(rate?.usdPerUnit ?? '1');
  return halfUp(nanoUsd * scale * 10n ** BigInt(decimals), NANO * scaled * among);
}

/** amount ÷ by, rounded half up. Both at least zero, `by` above it. */
export function halfUp(amount: bigint, by: bigint): bigint {
  return (2n * amount + by) / (2n * by);
}

/** A decimal as a whole number and what it was multiplied with: "0.0118" → 118 of 10,000. */
export function decimal(text: string): { scaled: bigint; scale: bigint } {
  const [whole = '0', decimals = ''] = text.split('.');
  return { scaled: BigInt(whole + decimals), scale: 10n ** BigInt(decimals.length) };
}

/** Decimals that amounts of a currency are written with: INR 2, JPY 0, KWD 3. */
export function currencyDecimals(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
