import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';

/** Ids are counted in 64 bits with a sign. */
const MAX_ID = 9_223_372_036_854_775_807n;

/** One chain of entries: a client's (its id), or the platform's own. */
export const auditChain = z.union([z.uuid(), z.literal('platform')]);

const word = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes('\u0000'), 'Has a character that no keyboard types');

const instant = z.date().min(new Date('2000-01-01T00:00:00Z')).max(new Date('9999-12-31T00:00:00Z'));

/** Which entries; what is absent does not narrow. `from` is inclusive, `to` is not. */
export const auditFilter = z.object({
  chain: auditChain.optional(),
  login: word.optional(),
  /** Absent: all but the platform's own anchors, of which there is one a minute. */
  action: word.optional(),
  from: instant.optional(),
  to: instant.optional(),
});

/** The place of an entry in the order of time: microseconds since 1970, then its id. */
export const auditPlace = z.object({
  atMicros: z.bigint().min(0n).max(253_402_300_800_000_000n),
  id: z.bigint().min(0n).max(MAX_ID),
});

export const auditEntry = z.object({
  id: z.bigint(),
  at: z.date(),
  tenantId: z.uuid().nullable(),
  tenantName: z.string().nullable(),
  /** Its place in its chain, from 1 without gaps. */
  seq: z.bigint(),
  login: z.string(),
  operatorName: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  /** JSON text of the thing before and after; never a secret. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string().nullable(),
});

export const auditPage = z.object({
  entries: z.array(auditEntry),
  /** Give it as `before` to read on; null: that was all. */
  next: auditPlace.nullable(),
  asOf: z.date(),
});

/** What the filters can be set to. */
export const auditChoices = z.object({
  people: z.array(z.object({ login: z.string(), name: z.string().nullable() })),
  actions: z.array(z.string()),
});

/**
 * What is wrong with the first bad entry of a chain.
 * edited: its fields are not those its hash was made of, or the next one was written after another entry. missing: it is not
 * there, later ones are. order: another entry stands in its place. inserted: it was put in later. cut: it and all later ones are
 * gone. head: the chain's head is gone. rewritten: the chain fits together, but is not the one that was seen or anchored.
 */
export const auditFault = z.enum(['edited', 'missing', 'order', 'inserted', 'cut', 'head', 'rewritten']);

export const auditFinding = z.object({
  tenantId: z.uuid().nullable(),
  tenantName: z.string().nullable(),
  seq: z.bigint(),
  what: auditFault,
  /** Who says so: the chain's own hashes, its head, its anchor in the platform's chain, or the head this console remembers. */
  by: z.enum(['chain', 'head', 'anchor', 'memory']),
  /** When the remembered head was seen. */
  seenAt: z.date().nullable(),
});

/** How far a check is; `done`: it is over. Counts are of what this operator may see. */
export const auditCheck = z.object({
  done: z.boolean(),
  entries: z.int(),
  /** Entries there were when it began. */
  total: z.int(),
  chains: z.int(),
  chainsTotal: z.int(),
  /** The first bad entry of each bad chain; at most 100. */
  findings: z.array(auditFinding),
  badChains: z.int(),
  tookMs: z.int(),
});

/** How far an export is; `file`: where it lies, once it is whole. */
export const auditExport = z.object({
  done: z.boolean(),
  entries: z.int(),
  chains: z.int(),
  chainsTotal: z.int(),
  file: z.string().nullable(),
  bytes: z.int(),
  /** SHA-256 of the file, hex; empty until it is whole. */
  sha256: z.string(),
});

/** A chain that is not the one this console saw before. */
export const auditAlarm = z.object({
  tenantId: z.uuid().nullable(),
  tenantName: z.string().nullable(),
  what: z.enum(['cut', 'rewritten']),
  /** The entry this console remembers, and when it was seen. */
  seq: z.bigint(),
  seenAt: z.date(),
  /** Where the chain ends now; 0: nothing is left. */
  lastSeq: z.bigint(),
});

/** What this console remembers of the chains' heads, and how that compares. */
export const auditMemory = z.object({
  alarms: z.array(auditAlarm),
  remembered: z.int(),
  /** Null: not compared yet, or this operator reads no audit log. */
  comparedAt: z.date().nullable(),
  /** A sentence when the memory itself was lost or can't be kept. */
  trouble: z.string().nullable(),
});

export const audit = {
  /** Entries this operator may see, newest first. */
  list: base
    .input(
      auditFilter.extend({
        before: auditPlace.optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .output(auditPage),
  choices: base.output(auditChoices),
  /** Reads chains again from their first entry, every hash made anew here. Ends when the reader leaves; one at a time. */
  verify: base.input(z.object({ chain: auditChain.optional() })).output(eventIterator(auditCheck)),
  /** Writes the entries with their hashes into a file in the folder for exports. Ends when the reader leaves; one at a time. */
  export: base
    .input(z.object({ format: z.enum(['jsonl', 'csv']), filter: auditFilter, idempotencyKey: z.uuid() }))
    .output(eventIterator(auditExport)),
  memory: base.output(eventIterator(auditMemory)),
  /** An alarm has a known cause (a restored backup): remember the chain as it is now. */
  accept: base.input(z.object({ chain: auditChain })).output(z.object({ remembered: z.boolean() })),
};

export type AuditAlarm = z.infer<typeof auditAlarm>;
export type AuditChain = z.infer<typeof auditChain>;
export type AuditCheck = z.infer<typeof auditCheck>;
export type AuditChoices = z.infer<typeof auditChoices>;
export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditExport = z.infer<typeof auditExport>;
export type AuditFault = z.infer<typeof auditFault>;
export type AuditFilter = z.infer<typeof auditFilter>;
export type AuditFinding = z.infer<typeof auditFinding>;
export type AuditMemory = z.infer<typeof auditMemory>;
export type AuditPage = z.infer<typeof auditPage>;
export type AuditPlace = z.infer<typeof auditPlace>;
