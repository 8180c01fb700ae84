import { z } from 'zod';

/**
 * The report of one tenant-month as it is shown and printed. Every text is finished: in the client's words, currency, zone and locale.
 * Whoever draws it computes nothing; a number that is no text only places a bar.
 */
export const reportFigure = z.object({
  label: z.string(),
  text: z.string(),
  /** What the figure needs to be understood; null: nothing. */
  note: z.string().nullable(),
});

/** Its first column names the row. Each row has a text for each column; `total` too, where there is one. */
export const reportTable = z.object({
  caption: z.string(),
  columns: z.array(z.object({ label: z.string(), kind: z.enum(['text', 'number']) })),
  rows: z.array(z.array(z.string())),
  total: z.array(z.string()).nullable(),
});

/** Bars in their order; the table of the same section holds every figure of it. */
export const reportChart = z.object({
  /** What it shows, in words. */
  label: z.string(),
  /** columns: a time line; bars: one below the other. */
  kind: z.enum(['columns', 'bars']),
  /** `part` of the longest, from 0 to 1. */
  bars: z.array(z.object({ label: z.string(), text: z.string(), part: z.number().min(0).max(1) })),
});

export const reportSection = z.object({
  id: z.enum(['value', 'workflows', 'models', 'months', 'days', 'quality', 'budget']),
  title: z.string(),
  sentences: z.array(z.string()),
  figures: z.array(reportFigure),
  chart: reportChart.nullable(),
  table: reportTable.nullable(),
});

const colour = z.string().regex(/^#[0-9a-f]{6}$/);

export const reportDocument = z.object({
  /** BCP 47, of the words. */
  language: z.string(),
  brand: z.object({
    name: z.string(),
    /** The client's colour, and black or white, whichever is read on it. */
    colour,
    onColour: colour,
    /** The client's colour, dark enough to be read on white (4.5 to 1). */
    ink: colour,
    /** `data:image/png;base64,…` */
    logo: z.string().nullable(),
    footer: z.string(),
  }),
  title: z.string(),
  /** "October 2026" */
  period: z.string(),
  /** A sentence where the reader must know more before the figures: the month goes on, there were no calls. */
  notes: z.array(z.string()),
  /** The few that a reader looks for first. */
  figures: z.array(reportFigure),
  sections: z.array(reportSection),
  stampsTitle: z.string(),
  /** Where the figures are from. */
  stamps: z.array(z.object({ label: z.string(), text: z.string() })),
});

export type ReportChart = z.infer<typeof reportChart>;
export type ReportDocument = z.infer<typeof reportDocument>;
export type ReportFigure = z.infer<typeof reportFigure>;
export type ReportSection = z.infer<typeof reportSection>;
export type ReportTable = z.infer<typeof reportTable>;
