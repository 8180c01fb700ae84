import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { MOST_OF_A_NAME } from './names.ts';
import { tlsMode, tlsTrust } from './tls.ts';
import { lockReason, vaultState } from './vault.ts';

export const profileKind = z.enum(['production', 'staging', 'local']);
/** CSS names; red is kept for "refusing now". */
export const profileColour = z.enum(['teal', 'royalblue', 'darkviolet', 'darkorange', 'deeppink', 'slategray']);

/** A connection as the window may know it: where it leads, never with what. */
export const profileSummary = z.object({
  /** `local`: the platform that was started with the console. */
  id: z.union([z.literal('local'), z.uuid()]),
  name: z.string(),
  kind: profileKind,
  colour: profileColour,
  /** "asha at db.example.com". */
  label: z.string(),
  /** Of the gateway's token; null: the local platform's is nobody's to know. */
  tokenLast4: z.string().nullable(),
});

export const consoleAccess = z.object({
  vault: vaultState,
  /** Nothing of a platform is answered until somebody unlocks the vault. */
  locked: z.boolean(),
  /** Since when, and why; null while it is not locked. */
  lock: z.object({ since: z.date(), reason: lockReason }).nullable(),
  /** The open workspace; another number is another one, and the window begins afresh. Null: none is open. */
  workspace: z.int().nullable(),
  /** The profile that is open, or is opened when the console is unlocked; null: none. */
  current: profileSummary.nullable(),
  /** All that can be opened; null while the vault that has them is locked. */
  profiles: z.array(profileSummary).nullable(),
});

/** No control characters, no halves of characters: what a server takes as it stands. */
const word = z
  .string()
  .trim()
  .min(1)
  .regex(/^[^\p{C}]*$/u, 'has characters that can’t be seen');

export const profileInput = z.object({
  name: word.max(MOST_OF_A_NAME),
  kind: profileKind,
  colour: profileColour,
  database: z.object({
    host: word.max(253),
    port: z.int().min(1).max(65_535),
    name: word.max(63),
    login: word.max(63),
    /** As it is, spaces too. */
    password: z
      .string()
      .min(1)
      .max(1_000)
      .regex(/^[^\p{C}]*$/u, 'has characters that can’t be seen')
      .meta({ secret: true }),
    tls: tlsMode,
    ...tlsTrust,
  }),
  gateway: z.object({
    /** https, or http to this very computer. */
    url: z.url({ protocol: /^https?$/ }).max(500),
    /** Means nothing with http. */
    tls: tlsMode.exclude(['none']).default('verify'),
    ...tlsTrust,
    token: z
      .string()
      .trim()
      .max(500)
      .regex(/^[\x21-\x7E]+$/, 'has characters that no token has')
      .meta({ secret: true }),
  }),
});

/** In the order they are tried. */
export const platformPart = z.enum([
  'host',
  'tls',
  'login',
  'powers',
  'schema',
  'operator',
  'gateway',
  'token',
  'same_platform',
]);

/** `sentence`: what was found; when it failed, why and what to do. warned: it works, but… untried: because one before it failed. */
export const partResult = z.object({
  part: platformPart,
  outcome: z.enum(['fine', 'warned', 'failed', 'untried']),
  sentence: z.string(),
});

export const profiles = {
  /** The lock, the vault's state and the profiles; a new value at each change. There whatever is open. */
  watch: base.output(eventIterator(consoleAccess)),
  /** Tries every part; keeps nothing. */
  test: base.input(profileInput).output(z.object({ parts: z.array(partResult) })),
  /** Tries every part; when all are fine the profile is kept in the vault and opened. `id` null: nothing was kept. */
  connect: base.input(profileInput).output(z.object({ parts: z.array(partResult), id: z.uuid().nullable() })),
  open: base.input(z.object({ id: profileSummary.shape.id })).output(z.object({})),
  /** Forgets the login and the token. The local platform opens when it was the open one. */
  forget: base.input(z.object({ id: z.uuid() })).output(z.object({})),
};

export type ConsoleAccess = z.infer<typeof consoleAccess>;
export type PartResult = z.infer<typeof partResult>;
export type PlatformPart = z.infer<typeof platformPart>;
export type ProfileInput = z.infer<typeof profileInput>;
/** As the window may send it: what has a usual value can be left away. */
export type ProfileEntered = z.input<typeof profileInput>;
export type ProfileSummary = z.infer<typeof profileSummary>;
