import { createHash, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const credentialsSchema = z.object({
  version: z.literal(1),
  ownerPassword: z.string(),
  gatewayPassword: z.string(),
  /** Data folders from before it had one get theirs. */
  redisPassword: z.string().default(() => secret(24)),
  /** Base64 of the 32 bytes that providers' credentials are encrypted with. */
  credentialKey: z.string(),
  /** What the pretend provider demands of its callers. */
  providerCredential: z.string(),
  operators: z.record(z.string(), z.object({ password: z.string(), gatewayToken: z.string() })),
  /** Gateway keys of the demo tenants by slug. */
  tenantKeys: z.record(z.string(), z.string()),
});

/** Every secret of a local platform in plain text; the database holds digests and verifiers only. */
export type LocalCredentials = z.infer<typeof credentialsSchema>;

const FILE = 'credentials.json';

/**
 * Reads the secrets of this data folder and makes those that are missing (file mode 0600, replaced in one step).
 * @throws when the file is there but damaged: passwords that stand in the database cannot be guessed again.
 */
export function ensureCredentials(
  folder: string,
  operatorLogins: readonly string[],
  tenantSlugs: readonly string[],
): LocalCredentials {
  const file = path.join(folder, FILE);
  const known = existsSync(file) ? readCredentials(file) : undefined;
  const credentials: LocalCredentials = known ?? {
    version: 1,
    ownerPassword: secret(24),
    gatewayPassword: secret(24),
    redisPassword: secret(24),
    credentialKey: randomBytes(32).toString('base64'),
    providerCredential: `sk-pretend-${secret(24)}`,
    operators: {},
    tenantKeys: {},
  };
  for (const login of operatorLogins) {
    credentials.operators[login] ??= { password: secret(24), gatewayToken: `tdo_${secret(32)}` };
  }
  for (const slug of tenantSlugs) credentials.tenantKeys[slug] ??= `td_${secret(32)}`;
  writeAtomically(file, JSON.stringify(credentials, undefined, 1));
  return credentials;
}

/** SHA-256 of a token or key, as the database keeps it. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Writes a private file (0600) so that after any crash the old or the new content stands there whole. */
export function writeAtomically(file: string, text: string): void {
  const partial = `${file}.partial`;
  const descriptor = openSync(partial, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, file);
}

function readCredentials(file: string): LocalCredentials {
  try {
    return credentialsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Error(`${file} is damaged. Restore it, or delete the folder ${path.dirname(file)} to begin anew.`);
  }
}

const secret = (bytes: number): string => randomBytes(bytes).toString('base64url');
