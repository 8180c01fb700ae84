const CENT = 10_000_000n;

/** "$1,234,567": whole dollars grouped by thousands. */
function grouped(dollars: bigint): string {
  return dollars.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function withDecimals(nanoUsd: bigint, decimals: number): string {
  const unit = 10n ** BigInt(9 - decimals);
  const rounded = (nanoUsd + unit / 2n) / unit;
  const scale = 10n ** BigInt(decimals);
  const whole = grouped(rounded / scale);
  return decimals === 0 ? whole : `${whole}.${(rounded % scale).toString().padStart(decimals, '0')}`;
}

/**
 * Nano-USD as people read it: "$1,234.56"; amounts under ten cents get more digits ("$0.042", "$0.0000024"), so that a
 * small cost never looks like none.
 */
export function formatUsd(nanoUsd: bigint): string {
  const amount = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const text = withDecimals(amount, decimalsFor(amount));
  return `${nanoUsd < 0n ? '−' : ''}$${text}`;
}

/** Two significant digits below ten cents, else cents. */
function decimalsFor(amount: bigint): number {
  if (amount === 0n || amount >= 10n * CENT) return 2;
  const leadingZeros = 9 - amount.toString().length;
  return Math.min(9, leadingZeros + 2);
}

/** Every digit there is, at least cents: "$1,234.567891234". For tooltips and accessible descriptions. */
export function formatUsdExactly(nanoUsd: bigint): string {
  const amount = nanoUsd < 0n ? -nanoUsd : nanoUsd;
  const text = withDecimals(amount, 9).replace(/0{1,7}$/, '');
  return `${nanoUsd < 0n ? '−' : ''}$${text}`;
}

/** A change in percent of `before`, "+10 %", "−4.5 %"; null when `before` is zero. */
export function formatChange(before: bigint, after: bigint): string | null {
  if (before === 0n) return null;
  const perMille = ((after - before) * 1000n) / before;
  const size = perMille < 0n ? -perMille : perMille;
  const tenths = size % 10n === 0n ? '' : `.${size % 10n}`;
  const sign = after < before ? '−' : after > before ? '+' : '';
  return `${sign}${grouped(size / 10n)}${tenths} %`;
}

export const nanoUsdPerCent = CENT;
