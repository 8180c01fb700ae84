import { existsSync } from 'node:fs';
import type { KeychainLibrary } from './keychain.ts';
import { createKeychainProcess } from './keychain-process.ts';

/** Where keytar is: in processes of that Node on Linux, in this one elsewhere. Rejects where its library cannot be loaded. */
export async function loadKeychain(platform: NodeJS.Platform, node: string): Promise<KeychainLibrary> {
  if (platform === 'linux' && existsSync(node)) return createKeychainProcess({ node, env: process.env });
  const { default: keytar } = await import('keytar');
  return keytar;
}
