import { nanoUsdPerCent } from './format-usd.ts';

export type ParsedUsd = { ok: true; nanoUsd: bigint } | { ok: false; sentence: string };

const MOST_DIGITS = 15;

/**
 * An amount in US dollars as a person types it: "25", "$1,234.5", ".50". Never a guess: what could mean two amounts is
 * refused with a sentence that says how to write it. At most two decimals; the sign is judged by the caller's limits.
 */
export function parseUsd(text: string): ParsedUsd {
  const typed = text
    .trim()
    .replace(/^(-|−)?\s*\$\s*/, '$1')
    .replaceAll(/\s/g, '');
  if (typed === '') return no('Enter an amount in US dollars, like 25 or 25.50.');
  if (/^[-−]/.test(typed)) return no('An amount can’t be negative. Enter 0 or more.');
  const parts = /^(?<whole>[\d,]*)(?:\.(?<decimals>\d*))?$/.exec(typed.replace(/^\+/, ''));
  const whole = parts?.groups?.['whole'] ?? '';
  const decimals = parts?.groups?.['decimals'] ?? '';
  if (parts === null || whole + decimals === '') {
    return no(`“${shortened(text.trim())}” is not an amount. Write it like 25 or 25.50.`);
  }
  if (whole.includes(',') && !/^\d{1,3}(,\d{3})+$/.test(whole)) {
    return no('Write thousands as 1,234 and cents after a point, like 1,234.50.');
  }
  if (decimals.length > 2) return no('Caps are in whole cents: at most two digits after the point.');
  const digits = whole.replaceAll(',', '');
  if (digits.replace(/^0+/, '').length > MOST_DIGITS) return no('That is too large an amount.');
  const cents = BigInt(digits === '' ? '0' : digits) * 100n + BigInt(decimals.padEnd(2, '0'));
  return { ok: true, nanoUsd: cents * nanoUsdPerCent };
}

function no(sentence: string): ParsedUsd {
  return { ok: false, sentence };
}

function shortened(text: string): string {
  return text.length <= 24 ? text : `${text.slice(0, 23)}…`;
}
