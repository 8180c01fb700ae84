import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Box } from './vault-format.ts';

export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Fit for secrets. */
export type RandomBytes = (bytes: number) => Buffer;

/** The box was not closed with this key and this context. */
export class BoxRefused extends Error {
  override readonly name = 'BoxRefused';
}

/**
 * AES-256-GCM with a fresh nonce of 96 bits. `context` is bound to the box: opened with another it is refused, so that a box put into
 * another's place is found out.
 */
export function closeBox(key: Buffer, content: Buffer, context: readonly string[], randomBytes: RandomBytes): Box {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound(context));
  const box = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString('base64'), box: box.toString('base64') };
}

/** All of the content or, by BoxRefused, nothing of it. */
export function openBox(key: Buffer, { nonce, box }: Box, context: readonly string[]): Buffer {
  const bytes = Buffer.from(box, 'base64');
  const start = Buffer.from(nonce, 'base64');
  if (start.length !== NONCE_BYTES || bytes.length < TAG_BYTES) throw new BoxRefused('This is no box.');
  const decipher = createDecipheriv('aes-256-gcm', key, start, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound(context));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  const content = decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES));
  try {
    decipher.final();
    return content;
  } catch {
    content.fill(0);
    throw new BoxRefused('The key or the context is another, or the box was changed.');
  }
}

/** Each part with its length before it: no two lists give the same bytes. */
function bound(context: readonly string[]): Buffer {
  return Buffer.from(context.map((part) => `${Buffer.byteLength(part)}:${part}`).join(''));
}
