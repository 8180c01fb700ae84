/** Amounts in whole minor units of a currency, as people of it read them: ₹12,34,567.00, $1,234.50. No float on the way. */

/** Lakhs and crores. */
const INDIAN = new Set(['INR', 'NPR', 'LKR', 'BDT', 'PKR']);
const formats = new Map<string, Intl.NumberFormat>();

/** `digits`: decimals of the currency. */
export function formatMinor(minor: bigint, currency: string, digits: number): string {
  const size = minor < 0n ? -minor : minor;
  const unit = 10n ** BigInt(digits);
  const decimals = digits === 0 ? '' : `.${(size % unit).toString().padStart(digits, '0')}`;
  return `${minor < 0n ? '−' : ''}${format(currency).format(size / unit)}${decimals}`;
}

/** For tiles with little room: "₹12.3 L", "₹1.2 Cr", "$1.2 M"; below a lakh or a hundred thousand every digit. */
export function formatMinorShort(minor: bigint, currency: string, digits: number): string {
  const size = minor < 0n ? -minor : minor;
  const whole = size / 10n ** BigInt(digits);
  const steps: readonly (readonly [bigint, string])[] = INDIAN.has(currency)
    ? [
        [10_000_000n, 'Cr'],
        [100_000n, 'L'],
      ]
    : [[1_000_000n, 'M']];
  const step = steps.find(([from]) => whole >= from);
  if (!step) return formatMinor(minor, currency, digits);
  const [from, word] = step;
  const hundredths = (whole * 100n + from / 2n) / from;
  const text = `${format(currency).format(hundredths / 100n)}.${(hundredths % 100n).toString().padStart(2, '0')}`;
  return `${minor < 0n ? '−' : ''}${text} ${word}`;
}

/** Basis points as percent with one decimal: 6123 → "61.2 %". `signed`: "+1.8". */
export function formatPercent(bp: bigint): string {
  return `${decimal(bp, 1)} %`;
}

/** A difference of two margins in percentage points: "+1.8", "−0.4", "0.0". Two decimals where one would hide it. */
export function formatPoints(bp: bigint, decimals: 1 | 2 = 1): string {
  const text = decimal(bp, decimals);
  return bp > 0n ? `+${text}` : text;
}

/** Decimals of a currency, for what is typed; the database says them for what is shown. */
export function minorDigits(currency: string): number {
  try {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
    return maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

function decimal(bp: bigint, decimals: 1 | 2): string {
  const size = bp < 0n ? -bp : bp;
  const rounded = decimals === 2 ? size : (size + 5n) / 10n;
  const unit = decimals === 2 ? 100n : 10n;
  const whole = (rounded / unit).toString().replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const sign = bp < 0n && rounded > 0n ? '−' : '';
  return `${sign}${whole}.${(rounded % unit).toString().padStart(decimals, '0')}`;
}

function format(currency: string): Intl.NumberFormat {
  const known = formats.get(currency);
  if (known) return known;
  const made = new Intl.NumberFormat(INDIAN.has(currency) ? 'en-IN' : 'en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: 0,
    maximumFractionDigits: 0,
  });
  formats.set(currency, made);
  return made;
}
