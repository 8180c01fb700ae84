import { convertNanoUsd, type ReportRate } from './report-money.ts';

export interface ReportCurrency {
  /** ISO 4217. */
  readonly code: string;
  readonly decimals: number;
}

export interface ReportFormatOptions {
  /** BCP 47: how numbers and amounts are written. */
  readonly locale: string;
  /** BCP 47: the language of the words, with the reader's region: how dates are written. */
  readonly wordsLocale: string;
  /** The client's own, with the decimals of its minor unit. */
  readonly currency: ReportCurrency;
  /** What AI cost is written in: the client's own, or USD where there is no rate. */
  readonly costCurrency: ReportCurrency;
  readonly timeZone: string;
  readonly rate: ReportRate | null;
}

/** Texts of figures, each in the client's currency, zone and locale. Digits are 0–9 everywhere: they are compared with other papers. */
export interface ReportFormats {
  /** Nano-USD, converted: "₹12,34,567.00". */
  cost(nanoUsd: bigint): string;
  /** Nano-USD divided among so many, two decimals more than the currency has: "₹0.0342"; "—" among none. */
  costEach(nanoUsd: bigint, among: number): string;
  /** Minor units of the client's own currency. */
  amount(minor: bigint): string;
  count(value: number | bigint): string;
  /** Whole and decimals of a number that is `scaled ÷ 10^decimals`. */
  decimal(scaled: bigint, decimals: number): string;
  /** `part ÷ whole` in percent with one decimal, rounded down, so that 100 % means all; "—" of nothing. */
  share(part: bigint, whole: bigint): string;
  /** "420 ms", "1.2 s" */
  duration(milliseconds: number): string;
  /** "2026-10" → "October 2026", or "Oct 26" */
  month(month: string, length: 'long' | 'short'): string;
  /** "2026-10-03" → "3 October" */
  day(day: string): string;
  /** The day of an instant in the client's zone: "3 October 2026" */
  date(at: Date): string;
  /** In the client's zone, which is named. */
  instant(at: Date): string;
}

/** `locale` must be one that Intl takes. */
export function createReportFormats(options: ReportFormatOptions): ReportFormats {
  const { locale, wordsLocale, currency, costCurrency, timeZone, rate } = options;
  const money = ({ code, decimals }: ReportCurrency) =>
    numbers(locale, { style: 'currency', currency: code }, decimals);
  const digits = costCurrency.decimals;
  const costs = money(costCurrency);
  const each = money({ code: costCurrency.code, decimals: digits + 2 });
  const amounts = money(currency);
  const counts = numbers(locale, {}, 0);
  const percent = numbers(locale, { style: 'percent' }, 1);
  const tenths = numbers(locale, {}, 1);
  const dates = (shape: Intl.DateTimeFormatOptions, zone: string) =>
    new Intl.DateTimeFormat(wordsLocale, { ...shape, timeZone: zone, calendar: 'gregory', numberingSystem: 'latn' });
  const long = dates({ month: 'long', year: 'numeric' }, 'UTC');
  const short = dates({ month: 'short', year: '2-digit' }, 'UTC');
  const days = dates({ day: 'numeric', month: 'long' }, 'UTC');
  const fullDays = dates({ dateStyle: 'long' }, timeZone);
  const instants = dates({ dateStyle: 'long', timeStyle: 'short' }, timeZone);

  return {
    cost: (nanoUsd) => costs(convertNanoUsd(nanoUsd, rate, digits)),
    costEach: (nanoUsd, among) => (among === 0 ? '—' : each(convertNanoUsd(nanoUsd, rate, digits + 2, BigInt(among)))),
    amount: amounts,
    count: (value) => counts(BigInt(value)),
    decimal: (scaled, decimals) => numbers(locale, {}, decimals)(scaled),
    share: (part, whole) => (whole === 0n ? '—' : percent((part * 1000n) / whole)),
    duration: (ms) => (ms < 1000 ? `${counts(BigInt(ms))}\u00a0ms` : `${tenths((BigInt(ms) + 50n) / 100n)}\u00a0s`),
    month: (month, length) => (length === 'long' ? long : short).format(new Date(`${month}-15T00:00:00Z`)),
    day: (day) => days.format(new Date(`${day}T12:00:00Z`)),
    date: (at) => fullDays.format(at),
    instant: (at) => `${instants.format(at)} (${timeZone})`,
  };
}

/**
 * Writes a whole number of 10⁻ᵈᵉᶜⁱᵐᵃˡˢ. Intl groups the whole part, which it takes as a bigint, and says where the decimals stand; they
 * are put there as they are, so that no float comes near an amount. In percent, a tenth is a thousandth.
 */
function numbers(locale: string, style: Intl.NumberFormatOptions, decimals: number): (scaled: bigint) => string {
  const format = new Intl.NumberFormat(locale, {
    ...style,
    numberingSystem: 'latn',
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  const unit = 10n ** BigInt(decimals);
  return (scaled) => {
    // Intl multiplies percent with 100, decimals or not.
    if (style.style === 'percent') return format.format(Number(scaled) / 1000);
    const size = scaled < 0n ? -scaled : scaled;
    const fraction = (size % unit).toString().padStart(decimals, '0');
    // As a bigint, zero has no sign.
    const whole = scaled < 0n && size < unit ? -0 : scaled / unit;
    return format
      .formatToParts(whole)
      .map(({ type, value }) => {
        if (type === 'fraction') return fraction;
        // Japanese writes yen full width; the report's fonts have the narrow sign.
        return type === 'currency' && value === '￥' ? '¥' : value;
      })
      .join('');
  };
}
