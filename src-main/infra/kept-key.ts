import type { KeptFile } from './kept-file.ts';

const KEY_BYTES = 32;

/**
 * A random key of 32 bytes in a file of this user's own, made at the first use. It protects copies of what it encrypts that were
 * made without it, as logins beside it do; whatever must be safe from a reader of this folder belongs into the vault. A file that holds
 * no key is set aside: what it encrypted can be read anew from the platform.
 */
export function keptKey(file: KeptFile, randomBytes: (bytes: number) => Buffer): Buffer {
  const text = file.read();
  if (text !== undefined) {
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length === KEY_BYTES) return key;
    file.setAside();
  }
  const key = randomBytes(KEY_BYTES);
  file.write(`${key.toString('base64')}\n`);
  return key;
}
