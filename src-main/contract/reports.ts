import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { nanoUsd } from './money.ts';
import { reportDocument } from './report-document.ts';

/** A calendar month in the client's own zone: "2026-10". */
const month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, 'A month is written like 2026-10.');

const count = z.int().min(0);
/** Sums of corrections may lie below zero for a moment. */
const tokens = z.int();

const usage = z.object({
  calls: count,
  failedCalls: count,
  inputTokens: tokens,
  /** Part of the input, cheaper. */
  cachedInputTokens: tokens,
  outputTokens: tokens,
  /** Part of the output. */
  reasoningTokens: tokens,
  costNanoUsd: nanoUsd,
});

/**
 * Everything that the report of one client's month needs, as one value, read at one moment; also what is kept for offline use. Nothing of
 * the agency's own is in it: no contract, no margin, no other client.
 */
export const tenantMonth = z.object({
  /** Of this shape: a kept one of another version is read anew. */
  version: z.literal(1),
  tenant: z.object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    /** ISO 4217. */
    currency: z.string(),
    /** Decimals of its minor unit. */
    minorDigits: z.int().min(0).max(3),
    timeZone: z.string(),
  }),
  brand: z.object({
    displayName: z.string(),
    /** "#1f4f8f" */
    colour: z.string().regex(/^#[0-9a-f]{6}$/),
    /** A PNG as data URL. */
    logo: z
      .string()
      .regex(/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/)
      .nullable(),
    footer: z.string(),
    locale: z.string(),
  }),
  month: z.string(),
  /** running: the month goes on in the client's zone. */
  basis: z.enum(['final', 'running']),
  /** The database's time at which all of it was read. */
  asOf: z.date(),
  /** What amounts are converted with; null: the client's currency is USD, or no rate is known and amounts stay in USD. */
  fx: z
    .object({
      /** Decimal text. */
      usdPerUnit: z.string().regex(/^\d+(\.\d+)?$/),
      date: z.string(),
      source: z.string(),
    })
    .nullable(),
  /** What its calls were charged with: "openai/gpt-4o v2". */
  priceVersions: z.array(z.string()),
  /** Corrections included. */
  ledgerRows: count,
  total: usage,
  /** Of answered calls, within 5 %; null: there was none. */
  latency: z.object({ p50Ms: count, p95Ms: count, p99Ms: count }).nullable(),
  /** The dearest first. */
  workflows: z.array(
    usage.extend({
      /** Null: calls that named none. */
      name: z.string().nullable(),
      value: z
        .object({
          /** "leads scored" */
          unit: z.string(),
          units: count,
          /** Decimal text. */
          minutesSavedPerUnit: z.string().regex(/^\d+(\.\d+)?$/),
          /** Minor units of the client's currency. */
          hourlyWorthMinor: z.bigint(),
        })
        .nullable(),
    }),
  ),
  /** The dearest first. `provider` is empty where it is not known any more. */
  models: z.array(usage.extend({ model: z.string(), provider: z.string() })),
  /** Days with usage, in order: "2026-10-31". */
  days: z.array(z.object({ day: z.string(), calls: count, failedCalls: count, costNanoUsd: nanoUsd })),
  /** Months with usage, up to 13 up to this one, in order. */
  months: z.array(z.object({ month: z.string(), calls: count, failedCalls: count, costNanoUsd: nanoUsd })),
  /** Periods of the client's monthly cap that touch the month: limit in force, charged. */
  budget: z.array(z.object({ from: z.date(), until: z.date(), limitNanoUsd: nanoUsd, chargedNanoUsd: nanoUsd })),
  counters: z.object({ messages: count, conversations: count, integrations: count }),
});

/** A client in the list of a month. */
const reportEntry = z.object({
  tenantId: z.uuid(),
  name: z.string(),
  slug: z.string(),
  currency: z.string(),
  colour: z.string(),
  /** Null: no usage in that month, so nothing to report. */
  calls: count.nullable(),
  costNanoUsd: nanoUsd.nullable(),
  /** Of which instant the copy for offline use is; null: there is none. */
  keptAsOf: z.date().nullable(),
});

/** How far an export is. */
const reportExport = z.object({
  /** Clients that are through, well or not. */
  done: count,
  of: count,
  /** The client whose report is being made; null: nobody's any more. */
  current: z.string().nullable(),
  files: z.array(
    z.object({
      tenantId: z.uuid(),
      name: z.string(),
      path: z.string(),
      bytes: count,
      sha256: z.string(),
      /** Of its figures. */
      asOf: z.date(),
      source: z.enum(['platform', 'kept']),
    }),
  ),
  /** Clients of whom nothing was written, with the sentence why. */
  failures: z.array(z.object({ tenantId: z.uuid(), name: z.string(), reason: z.string() })),
});

/** exports: named when the console was started; own: chosen in the shell's dialog. */
const folderId = z.enum(['exports', 'downloads', 'documents', 'desktop', 'own']);
/** A folder that reports may go to. */
export const reportFolder = z.object({ id: folderId, path: z.string() });
const folders = z.object({
  /** Where the next export goes. */
  chosen: reportFolder,
  known: z.array(reportFolder),
  /** The shell has a dialog of its own for another one. */
  canChoose: z.boolean(),
});

export const reports = {
  /** Months that reports can be made of, newest first. running: it goes on for at least one client. */
  months: base.output(z.array(z.object({ month: z.string(), basis: z.enum(['final', 'running']) }))),
  /** The clients of a month. kept: the platform is away, and this is what was kept. */
  list: base
    .input(z.object({ month }))
    .output(z.object({ source: z.enum(['platform', 'kept']), asOf: z.date(), entries: z.array(reportEntry) })),
  /** Writes the reports of clients, one after the other, and tells how far it is. Cancelled when its reader leaves: what is written stays. */
  export: base
    .input(
      z.object({
        tenantIds: z.array(z.uuid()).min(1).max(1_000),
        month,
        formats: z
          .array(z.enum(['pdf', 'csv']))
          .min(1)
          .max(2),
      }),
    )
    .output(eventIterator(reportExport)),
  /** Exports that the platform's audit log does not have yet. */
  outbox: base.output(eventIterator(z.object({ waiting: count }))),
  /** The report as it is printed. */
  preview: base.input(z.object({ tenantId: z.uuid(), month })).output(reportDocument),
  /** Folders that reports may go to, by id: no path ever comes from the window. */
  folders: base.output(folders),
  /** Takes one of them for the next exports; null: asks with the shell's own dialog. */
  chooseFolder: base.input(z.object({ id: folderId.nullable() })).output(folders),
};

export type ReportExport = z.infer<typeof reportExport>;
export type TenantMonth = z.infer<typeof tenantMonth>;
export type ReportEntry = z.infer<typeof reportEntry>;
export type ReportFolder = z.infer<typeof reportFolder>;
export type ReportFolders = z.infer<typeof folders>;
