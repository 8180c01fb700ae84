import { randomBytes } from 'node:crypto';

/** A secret that is nowhere but where it was put. `text`: has what each way of writing has to change. */
export interface Canary {
  readonly kind: string;
  readonly text: string;
}

/** `plain`: without characters that a header or an address does not take. */
export function makeCanary(kind: string, plain = false): Canary {
  const core = `cny-${randomBytes(12).toString('base64url')}`;
  return { kind, text: plain ? core : `${core}"\\é ${randomBytes(3).toString('hex')}` };
}

/** Eight ways in which it could lie somewhere, as bytes to look for. */
export const ENCODINGS: Readonly<Record<string, (text: string) => readonly Buffer[]>> = {
  plain: (text) => [Buffer.from(text)],
  base64: (text) => shifted(text, 'base64'),
  base64url: (text) => shifted(text, 'base64url'),
  hex: (text) => [
    Buffer.from(Buffer.from(text).toString('hex')),
    Buffer.from(Buffer.from(text).toString('hex').toUpperCase()),
  ],
  percent: (text) => [
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(new URLSearchParams({ s: text }).toString().slice(2)),
  ],
  json: (text) => {
    const once = JSON.stringify(text).slice(1, -1);
    return [
      Buffer.from(once),
      Buffer.from(JSON.stringify(once).slice(1, -1)),
      Buffer.from(once.replace('é', '\\u00e9')),
    ];
  },
  'utf-16': (text) => [Buffer.from(text, 'utf16le')],
  reversed: (text) => [Buffer.from(Array.from(text).toReversed().join(''))],
};

/** Wherever its bytes fall in the groups of three; without the ends, which depend on the neighbours. */
function shifted(text: string, encoding: 'base64' | 'base64url'): Buffer[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString(encoding);
    return Buffer.from(encoded.replace(/=+$/, '').slice(shift === 0 ? 0 : 4, -4));
  });
}

export interface Found {
  readonly canary: Canary;
  readonly encoding: string;
  readonly place: string;
}

const MARK_BYTES = 12;

/** Looks for many canaries in many places. Every way of writing is found by its first bytes, so that a place is read once. */
export function createSearch(canaries: readonly Canary[]): (place: string, content: Buffer | string) => Found[] {
  const marks = new Map<string, { readonly canary: Canary; readonly encoding: string; readonly bytes: Buffer }[]>();
  for (const canary of canaries) {
    for (const [encoding, write] of Object.entries(ENCODINGS)) {
      for (const bytes of write(canary.text)) {
        const mark = bytes.toString('latin1', 0, MARK_BYTES);
        marks.set(mark, [...(marks.get(mark) ?? []), { canary, encoding, bytes }]);
      }
    }
  }
  return (place, content) => {
    const text = typeof content === 'string' ? Buffer.from(content).toString('latin1') : content.toString('latin1');
    const found: Found[] = [];
    for (let at = 0; at + MARK_BYTES <= text.length; at += 1) {
      for (const { canary, encoding, bytes } of marks.get(text.slice(at, at + MARK_BYTES)) ?? []) {
        if (text.startsWith(bytes.toString('latin1'), at)) found.push({ canary, encoding, place });
      }
    }
    return found;
  };
}
