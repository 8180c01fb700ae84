import { z } from 'zod';
import { profileInput, type ProfileInput, type ProfileSummary } from '../contract/profiles.ts';
import type { ItemKind } from '../infra/vault/vault.ts';

const storedProfile = z.object({
  target: profileInput,
  /** 32 bytes; of what is kept of this platform for offline use. */
  cacheKey: z.base64(),
});

/** A profile as the vault keeps it. */
export type StoredProfile = z.infer<typeof storedProfile>;

export const PROFILE_ITEM: ItemKind<StoredProfile> = { name: 'profile', schema: storedProfile };

/** What of it the window may know. */
export function summaryOf(id: string, { name, kind, colour, database, gateway }: ProfileInput): ProfileSummary {
  return {
    id,
    name,
    kind,
    colour,
    label: `${database.login} at ${database.host}`,
    tokenLast4: gateway.token.slice(-4),
  };
}
