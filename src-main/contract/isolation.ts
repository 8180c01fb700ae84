import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';

/** A rule that the database's own catalog must keep. */
export const isolationRule = z.object({
  rule: z.string(),
  /** error: clients may not be apart while it is broken; warning: they are, and something weakens it. */
  level: z.enum(['error', 'warning']),
  title: z.string(),
  /** Why it matters, in a client's words. */
  meaning: z.string(),
  ok: z.boolean(),
  /** What breaks it. */
  findings: z.array(z.string()).readonly(),
});

/** Every kind of access to every table, really tried as somebody and undone; counts of kinds of access. */
export const isolationTrial = z.object({
  role: z.string(),
  /** nobody: no client named, or a login that is no operator; some: single clients; all: every client. */
  standing: z.enum(['nobody', 'some', 'all']),
  /** Both in a client's words. */
  who: z.string(),
  tried: z.int(),
  refused: z.int(),
  /** What went otherwise than written down. */
  findings: z.array(z.string()).readonly(),
});

export const isolationReport = z.object({
  /** No rule of level error is broken, and nothing was found when it was tried. */
  ok: z.boolean(),
  /** The result in a sentence. */
  verdict: z.string(),
  checkedAt: z.date(),
  database: z.string(),
  /** Version of PostgreSQL. */
  server: z.string(),
  /** Who ran it. */
  by: z.string(),
  scope: z.object({
    tables: z.int(),
    partitions: z.int(),
    views: z.int(),
    policies: z.int(),
    functions: z.int(),
    logins: z.int(),
  }),
  rules: z.array(isolationRule).readonly(),
  trials: z.array(isolationTrial).readonly(),
  /** What this check could not do, each a sentence. */
  missing: z.array(z.string()).readonly(),
});

/** How far a check is: rules of the catalog, then trials; `report` when it is over. */
export const isolationProgress = z.object({
  checkId: z.uuid(),
  step: z.enum(['rules', 'trials', 'done']),
  report: isolationReport.nullable(),
});

/** The page as a file; `sha256` of the whole file, hex. */
export const isolationFile = z.object({ file: z.string(), bytes: z.int(), sha256: z.string() });

export const isolation = {
  /** Runs the check with this operator's own login: auditors and admins. Ends when the reader leaves. */
  run: base.output(eventIterator(isolationProgress)),
  /** Writes the page of the last check that was run here, for a client to read, into the folder for exports. */
  export: base.input(z.object({ checkId: z.uuid() })).output(isolationFile),
};

export type IsolationProgress = z.infer<typeof isolationProgress>;
export type IsolationReport = z.infer<typeof isolationReport>;
export type IsolationFile = z.infer<typeof isolationFile>;
export type IsolationRule = z.infer<typeof isolationRule>;
export type IsolationTrial = z.infer<typeof isolationTrial>;
