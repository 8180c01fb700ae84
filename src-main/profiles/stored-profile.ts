import { z } from 'zod';
import { profileTarget, type ProfileSummary, type ProfileTarget } from '../contract/profiles.ts';
import type { TlsMode } from '../contract/tls.ts';
import type { ItemKind } from '../infra/vault/vault.ts';

const storedProfile = z.object({
  target: profileTarget,
  /** 32 bytes; of what is kept of this platform for offline use. */
  cacheKey: z.base64(),
  /** One more with each change. */
  revision: z.int().min(1).default(1),
  /** What is kept of its platform is found by this, whatever it is called; null: by its name. */
  keptAs: z.string().nullable().default(null),
});

/** A profile as the vault keeps it. */
export type StoredProfile = z.infer<typeof storedProfile>;

export const PROFILE_ITEM: ItemKind<StoredProfile> = { name: 'profile', schema: storedProfile };

/** What of it the window may know. */
export function summaryOf(id: string, { name, kind, colour, database, gateway }: ProfileTarget): ProfileSummary {
  return {
    id,
    name,
    kind,
    colour,
    label: `${database.login} at ${database.host}`,
    tokenLast4: gateway.token.slice(-4),
    weakness: weaknessOf(database.tls, gateway.url.startsWith('https:') ? gateway.tls : 'none'),
  };
}

function weaknessOf(database: TlsMode, gateway: TlsMode): string | null {
  const weak = [
    ...(UNCHECKED[database] === null ? [] : [`the database’s ${UNCHECKED[database]}`]),
    ...(UNCHECKED[gateway] === null ? [] : [`the gateway’s ${UNCHECKED[gateway]}`]),
  ];
  return weak.length === 0 ? null : `Not checked on this connection: ${weak.join(', ')}.`;
}

const UNCHECKED: Record<TlsMode, string | null> = {
  verify: null,
  verify_ca: 'name',
  encrypt: 'certificate',
  // Never leaves this computer.
  none: null,
};
