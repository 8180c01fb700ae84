import { createCipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;

/** A provider's credential as the database keeps it: AES-256-GCM, nonce (12 bytes) | ciphertext | tag (16 bytes). */
export function encryptProviderCredential(credential: string, keyBase64: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(keyBase64, 'base64'), nonce);
  return Buffer.concat([nonce, cipher.update(credential, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}
