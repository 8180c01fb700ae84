export type ParsedAmount = { ok: true; value: bigint } | { ok: false; sentence: string };

const MOST_DIGITS = 13;

/**
 * A decimal as a person types it, in whole units of its last decimal: "12,34,567.50" with two decimals is 123456750n. Commas may stand between
 * groups of two and three digits, Indian or not. Never a guess: what could mean two amounts is refused.
 */
export function parseAmount(text: string, decimals: number, example: string): ParsedAmount {
  const typed = text.trim().replaceAll(/\s/g, '');
  if (typed === '') return no(`Enter an amount, like ${example}.`);
  if (/^[-−]/.test(typed)) return no('An amount can’t be negative. Enter 0 or more.');
  const parts = /^(?<whole>[\d,]+)(?:\.(?<rest>\d*))?$/.exec(typed);
  const whole = parts?.groups?.['whole'] ?? '';
  const rest = parts?.groups?.['rest'] ?? '';
  if (parts === null) return no(`“${text.trim().slice(0, 24)}” is not an amount. Write it like ${example}.`);
  if (whole.includes(',') && !/^\d{1,3}(,\d{2,3})*,\d{3}$/.test(whole)) {
    return no(`Write thousands with commas and the rest after a point, like ${example}.`);
  }
  if (rest.length > decimals) {
    return no(decimals === 0 ? 'No digits after the point here.' : `At most ${decimals} digits after the point.`);
  }
  const digits = whole.replaceAll(',', '');
  if (digits.replace(/^0+/, '').length > MOST_DIGITS) return no('That is too large an amount.');
  return { ok: true, value: BigInt(digits) * 10n ** BigInt(decimals) + BigInt(rest.padEnd(decimals, '0') || '0') };
}

function no(sentence: string): ParsedAmount {
  return { ok: false, sentence };
}
