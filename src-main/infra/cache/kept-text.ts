/**
 * Values as JSON text from which bigints and dates come back: `{"$n":"12"}` and `{"$t":"2026-01-01T00:00:00.000Z"}`. An own key
 * that starts with $ gets a second one, so that no content can pass for these.
 */

/** @throws TypeError for what JSON has no word for besides those two */
export function toKeptText(value: unknown): string {
  return JSON.stringify(wrap(value));
}

/** @throws SyntaxError when the text is no JSON */
export function fromKeptText(text: string): unknown {
  return unwrap(JSON.parse(text));
}

function wrap(value: unknown): unknown {
  if (typeof value === 'bigint') return { $n: value.toString() };
  if (value instanceof Date) return { $t: value.toISOString() };
  if (Array.isArray(value)) return value.map(wrap);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.startsWith('$') ? `$${key}` : key, wrap(inner)]),
  );
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== 'object' || value === null) return value;
  if ('$n' in value) return BigInt(String(value.$n));
  if ('$t' in value) return new Date(String(value.$t));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.startsWith('$') ? key.slice(1) : key, unwrap(inner)]),
  );
}
