import { createDecipheriv, type KeyObject } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Opens a provider's credential: AES-256-GCM, nonce(12) | ciphertext | tag(16).
 * @throws when it was sealed under another key or changed; the message holds nothing of it
 */
export function openCredential(key: KeyObject, sealed: Buffer): string {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const middle = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([middle, decipher.final()]).toString('utf8');
  } catch {
    throw new Error("A provider's credential can't be opened: it was sealed under another key than this gateway's.");
  }
}
