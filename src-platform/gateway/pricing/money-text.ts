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

const USD_TEXT = /^(\d{1,9})(?:\.(\d{1,9}))?$/;
const SURE_DIGITS = 15;

/** Exact decimal USD, as text or as a JSON number of at most 15 digits, as nano-USD; undefined for anything else: "5.00" → 5_000_000_000n. */
export function nanoUsdOf(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const parts = USD_TEXT.exec(text);
  // A longer number may not be the one that was written.
  if (!parts || (typeof value === 'number' && text.length > SURE_DIGITS + 1)) return undefined;
  const [, whole = '', decimals = ''] = parts;
  return BigInt(whole) * NANO_PER_USD + BigInt(decimals.padEnd(NANO_DIGITS, '0'));
}
