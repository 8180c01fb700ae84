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
  /** What of the way to it is not checked, in a sentence; null: nothing. */
  weakness: z.string().nullable(),
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

const look = { name: word.max(MOST_OF_A_NAME), kind: profileKind, colour: profileColour };
const password = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\p{C}]*$/u, 'has characters that can’t be seen')
  .meta({ secret: true });
const token = z
  .string()
  .trim()
  .max(500)
  .regex(/^[\x21-\x7E]+$/, 'has characters that no token has')
  .meta({ secret: true });
const server = { host: word.max(253), port: z.int().min(1).max(65_535) };
const database = z.object({
  ...server,
  /** Present where that leads through a pooler in transaction mode: the same straight to PostgreSQL, for LISTEN alone. */
  direct: z.object(server).nullable().default(null),
  name: word.max(63),
  login: word.max(63),
  tls: tlsMode,
  ...tlsTrust,
});
const gateway = z.object({
  /** https, or http to this very computer. */
  url: z.url({ protocol: /^https?$/ }).max(500),
  /** Means nothing with http. */
  tls: tlsMode.exclude(['none']).default('verify'),
  ...tlsTrust,
});

/** All that a platform is reached with, secrets too; never leaves the main side. */
export const profileTarget = z.object({
  ...look,
  /** The password as it is, spaces too. */
  database: database.extend({ password }),
  gateway: gateway.extend({ token }),
});

/** What of it is no secret, as the window and a file may have it. */
export const profileDraft = z.object({
  ...look,
  database: database.omit({ key: true }),
  gateway: gateway.omit({ key: true }),
});

/** As the window sends it. A secret that is null is the one that the vault has, where it goes to the same place as before. */
export const profileInput = z.object({
  ...look,
  database: database.extend({ password: password.nullable().default(null) }),
  gateway: gateway.extend({ token: token.nullable().default(null) }),
  /** What is changed, as it was read; null: a new connection. */
  of: z
    .object({ id: z.uuid(), revision: z.int().min(1) })
    .nullable()
    .default(null),
});

/** In the order they are tried. */
export const platformPart = z.enum([
  'host',
  'tls',
  'login',
  'powers',
  'schema',
  'operator',
  'changes',
  'gateway',
  'token',
  'same_platform',
]);

/**
 * `sentence`: what was found; when it failed, why and what to do. warned: it works, but… untried: because one before it failed. trying and
 * waiting, while the trial lasts.
 */
export const partResult = z.object({
  part: platformPart,
  outcome: z.enum(['fine', 'warned', 'failed', 'untried', 'trying', 'waiting']),
  sentence: z.string(),
});

/** How far a trial is. It ends with its reader, and leaves nothing then. */
export const profileTrial = z.object({
  /** None where only the looks changed: nothing had to be tried. */
  parts: z.array(partResult),
  over: z.boolean(),
  /** Of the connection that was kept and opened; null: none, or not yet. */
  id: z.uuid().nullable(),
});

export const profiles = {
  /** The lock, the vault's state and the profiles; a new value at each change. There whatever is open. */
  watch: base.output(eventIterator(consoleAccess)),
  /** Tries every part; keeps nothing. */
  test: base.input(profileInput).output(eventIterator(profileTrial)),
  /** Tries every part, unless only the looks changed; when none fails it is kept in the vault and opened. */
  connect: base.input(profileInput).output(eventIterator(profileTrial)),
  /** To change it; its secrets stay where they are. */
  details: base
    .input(z.object({ id: z.uuid() }))
    .output(z.object({ id: z.uuid(), revision: z.int(), tokenLast4: z.string(), profile: profileDraft })),
  /** Into a file without its secrets. `path`: where it lies. */
  exportFile: base.input(z.object({ id: z.uuid() })).output(z.object({ path: z.string() })),
  /** What a file of that kind says; keeps nothing. Its secrets have to be entered. */
  readFile: base.input(z.object({ text: z.string().max(1_000_000) })).output(z.object({ profile: profileDraft })),
  open: base.input(z.object({ id: profileSummary.shape.id })).output(z.object({})),
  /** Forgets the login and the token. The local platform opens when it was the open one. */
  forget: base.input(z.object({ id: z.uuid() })).output(z.object({})),
};

export type ConsoleAccess = z.infer<typeof consoleAccess>;
export type PartResult = z.infer<typeof partResult>;
export type PlatformPart = z.infer<typeof platformPart>;
export type ProfileTarget = z.infer<typeof profileTarget>;
export type ProfileDraft = z.infer<typeof profileDraft>;
export type ProfileInput = z.infer<typeof profileInput>;
/** As the window may send it: what has a usual value can be left away. */
export type ProfileEntered = z.input<typeof profileInput>;
export type ProfileTrial = z.infer<typeof profileTrial>;
export type ProfileSummary = z.infer<typeof profileSummary>;
