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

/** amount ÷ by, rounded half up (a half below zero too: −2.5 is −2). `by` above zero. */
export function halfUp(amount: bigint, by: bigint): bigint {
  const [doubled, twice] = [2n * amount + by, 2n * by];
  const cut = doubled / twice;
  return doubled % twice < 0n ? cut - 1n : cut;
}

/** A decimal as a whole number and what it was multiplied with: "0.0118" → 118 of 10,000. */
export function decimal(text: string): { scaled: bigint; scale: bigint } {
  const [whole = '0', decimals = ''] = text.split('.');
  return { scaled: BigInt(whole + decimals), scale: 10n ** BigInt(decimals.length) };
}
