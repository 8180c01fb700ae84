import { z } from 'zod';

/** An integer of the stream; below 2^53 by the platform's limits, so exact, and a bigint from here on. */
const nanoUsd = z.int().transform(BigInt);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const liveCap = z.object({
  capId: z.uuid(),
  scope: z.enum(['tenant', 'key', 'workflow']),
  period: z.enum(['month', 'day']),
  periodStart: instant,
  periodEnd: instant,
  committed: nanoUsd,
  held: nanoUsd,
});

const liveTenant = z.object({
  id: z.uuid(),
  /** The instant the figures are true for, by the database's clock. */
  at: instant,
  caps: z.array(liveCap),
  callsLastMinute: z.int().min(0),
  failedLastMinute: z.int().min(0),
  refusedLastHour: z.int().min(0),
  refusingSince: instant.nullable(),
  /** The cap it is refused for; a gateway of before does not say. */
  refusingCapId: z.uuid().nullable().default(null),
});

/** A line of a gateway's `GET /admin/v1/live`; only what the console uses is read. */
export const liveFrame = z.object({
  type: z.enum(['snapshot', 'changes', 'heartbeat']),
  at: instant,
  gateways: z.array(z.object({ id: z.uuid(), name: z.string(), silentMs: z.number().min(0) })).default([]),
  /** What the gateway stands on; one that does not say has no trouble to tell. */
  stores: z.object({ postgres: z.boolean(), redis: z.boolean() }).default({ postgres: true, redis: true }),
  /** AI providers that do not answer the gateway. */
  providersAway: z.array(z.object({ id: z.string().max(100), awayMs: z.number().min(0) })).default([]),
  tenants: z.array(liveTenant).default([]),
});

/**
 * One line of it. What is no such line is not quoted, not even in part, as a parser's own error would: a server that answers with what it was sent would
 * bring the operator's token into a sentence or a log.
 */
export function readLiveFrame(line: string): LiveFrame {
  const { data } = liveFrame.safeParse(parsed(line));
  if (data === undefined) throw new Error('it sent something that is no live figure');
  return data;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export type LiveCap = z.infer<typeof liveCap>;
export type LiveTenant = z.infer<typeof liveTenant>;
export type LiveFrame = z.infer<typeof liveFrame>;
