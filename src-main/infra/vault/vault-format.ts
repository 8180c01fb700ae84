/**
 * The vault's file, in two lines: `tenantdesk-vault 1 <SHA-256 of the second line>`, and the second line as JSON. The first finds
 * damage before any key is at hand; a wrong passphrase is thus never mistaken for it. That nobody who lacks the key wrote the file is
 * proved by `seal`: an empty box whose bound context is all the rest.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';

const bytes = z.base64();
const box = z.strictObject({ nonce: bytes, box: bytes });

const wrap = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('keychain'),
    /** Under which name the keychain has its key; absent: the vault's id. Each key has a name of its own, so that none is overwritten. */
    account: z.uuid().optional(),
    key: box,
  }),
  z.strictObject({
    kind: z.literal('passphrase'),
    /** argon2id; `memoryKib` in KiB. */
    kdf: z.strictObject({
      memoryKib: z.int().min(19_456).max(1_048_576),
      passes: z.int().min(1).max(16),
      lanes: z.int().min(1).max(16),
      salt: bytes,
    }),
    key: box,
  }),
]);

const item = z.strictObject({ id: z.uuid(), kind: z.string(), version: z.int().min(1), content: box });

const vaultContent = z.strictObject({
  vaultId: z.uuid(),
  /** Grows with every save. */
  generation: z.int().min(1),
  wraps: z.array(wrap).min(1).max(2),
  items: z.array(item).max(1_000),
  /** The item that was in use last, so that the next start begins there; null: none. */
  lastUsed: z.uuid().nullable(),
});
const vaultRecord = vaultContent.extend({ seal: box });

export type Box = z.infer<typeof box>;
export type Wrap = z.infer<typeof wrap>;
export type VaultItem = z.infer<typeof item>;
export type VaultRecord = z.infer<typeof vaultRecord>;
/** What the seal vouches for. */
export type VaultContent = z.infer<typeof vaultContent>;

const HEAD = 'tenantdesk-vault 1 ';

/** The file is no vault of ours, or not whole. `message` is for the log. */
export class VaultDamaged extends Error {
  override readonly name = 'VaultDamaged';
}

export function writeVaultText(record: VaultRecord): string {
  const body = JSON.stringify(record);
  return `${HEAD}${digest(body)}\n${body}\n`;
}

/** Throws VaultDamaged unless every byte is as it was written. */
export function readVaultText(text: string): VaultRecord {
  const [head = '', body = '', ...rest] = text.split('\n');
  if (!head.startsWith(HEAD)) throw new VaultDamaged('It does not begin as a vault.');
  if (rest.length !== 1 || rest[0] !== '') throw new VaultDamaged('It has not two lines.');
  if (head.slice(HEAD.length) !== digest(body)) throw new VaultDamaged('Its checksum is another.');
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new VaultDamaged('It is no JSON.');
  }
  const parsed = vaultRecord.safeParse(json);
  if (!parsed.success) throw new VaultDamaged('It has not the shape of a vault.');
  return parsed.data;
}

/** The same text for the same content, in whatever order it was put together. */
export function canonicalText(content: VaultContent): string {
  return JSON.stringify(vaultContent.parse(content));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
