/**
 * The secrets that are in use now, so that no text that leaves for a log carries one: whatever a library or a server put into its message. Each is
 * known by its own text and by the ways in which texts are usually written down.
 */
export interface KnownSecrets {
  /** From now on these are taken out of texts; the answer forgets them again. Very short ones would tear ordinary words: they are not looked for. */
  add(secrets: readonly string[]): () => void;
  redact(text: string): string;
}

export const SHORTEST_SECRET = 6;
const IN_ITS_PLACE = '[secret]';

/** What is a secret by its looks, also when nobody named it: keys and tokens of ours, passwords in addresses, private keys, bearers. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\btdo?_[\w-]{16,}/g, IN_ITS_PLACE],
  [/\b([a-z][a-z+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi, `$1:${IN_ITS_PLACE}@`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, IN_ITS_PLACE],
  [/\b(Bearer|Basic) [\w+/=.~-]{8,}/gi, `$1 ${IN_ITS_PLACE}`],
];

export function createKnownSecrets(): KnownSecrets {
  /** Ways to write a secret → how many times it was added. */
  const known = new Map<string, number>();
  return {
    add(secrets) {
      const ways = secrets.filter(({ length }) => length >= SHORTEST_SECRET).flatMap(waysToWrite);
      for (const way of ways) known.set(way, (known.get(way) ?? 0) + 1);
      let forgotten = false;
      return () => {
        if (forgotten) return;
        forgotten = true;
        for (const way of ways) {
          const left = (known.get(way) ?? 1) - 1;
          if (left === 0) known.delete(way);
          else known.set(way, left);
        }
      };
    },
    redact(text) {
      let clean = text;
      // The longest first: one may be a part of another.
      const ways = [...known.keys()].sort((a, b) => b.length - a.length);
      for (const way of ways) clean = clean.replaceAll(way, IN_ITS_PLACE);
      for (const [look, instead] of LOOKS) clean = clean.replace(look, instead);
      return clean;
    },
  };
}

function waysToWrite(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const ways = [
    secret,
    json,
    // A text in a text: what a log line does with JSON.
    JSON.stringify(json).slice(1, -1),
    // With lone surrogates there is none.
    secret.isWellFormed() ? encodeURIComponent(secret) : secret,
    new URLSearchParams({ s: secret }).toString().slice(2),
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    // Behind a name and a colon, as in the headers of HTTP: by where its bytes fall in the groups of three.
    ...[1, 2].map((shift) =>
      Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .slice(4, -4),
    ),
  ];
  return [...new Set(ways)].filter(({ length }) => length >= SHORTEST_SECRET);
}
