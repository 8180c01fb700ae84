/** Arithmetic on whole amounts, as `platform.divided` and `platform.margin_bp` do it. */

/** amount ÷ by, rounded half up. `by` above zero. */
export function dividedHalfUp(amount: bigint, by: bigint): bigint {
  const [doubled, twice] = [2n * amount + by, 2n * by];
  const cut = doubled / twice;
  return doubled % twice < 0n ? cut - 1n : cut;
}

/** (revenue − AI cost − other cost) ÷ revenue in basis points; null without revenue. */
export function marginBp(revenue: bigint, aiCost: bigint, otherCost: bigint): bigint | null {
  return revenue > 0n ? dividedHalfUp((revenue - aiCost - otherCost) * 10_000n, revenue) : null;
}

/** A decimal as a whole number and what it was multiplied with: "0.0118" → 118 of 10,000. */
export function rateIn(decimal: string): { scaled: bigint; scale: bigint } {
  const [whole = '0', decimals = ''] = decimal.split('.');
  return { scaled: BigInt(whole + decimals), scale: 10n ** BigInt(decimals.length) };
}

/** The largest whole number whose square is not above `value`. */
export function squareRoot(value: bigint): bigint {
  if (value < 2n) return value < 0n ? 0n : value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
