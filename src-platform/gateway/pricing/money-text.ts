const NANO_PER_USD = 1_000_000_000n;
const NANO_DIGITS = 9;
const LEAST_DECIMALS = 2;

/** Nano-USD as exact decimal USD with at least two decimals: 25_000_000_000n → "25.00", 1_500n → "0.0000015". */
export function usdText(nanoUsd: bigint): string {
  const sign = nanoUsd < 0n ? '-' : '';
  const amount = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const decimals = (amount % NANO_PER_USD).toString().padStart(NANO_DIGITS, '0').replace(/0+$/, '');
  return `${sign}${(amount / NANO_PER_USD).toString()}.${decimals.padEnd(LEAST_DECIMALS, '0')}`;
}
