/**
 * The heads of the audit chains that this console saw, in a file beside its other data. A chain proves nothing against somebody who
 * rewrites all of it, its head included; whoever remembers an older head does.
 */
import { z } from 'zod';
import type { Clock } from '../infra/clock.ts';
import type { KeptFile } from '../infra/kept-file.ts';
import type { Logger } from '../infra/logger.ts';
import type { ChainHead } from './chain-row.ts';

export interface RememberedHead extends ChainHead {
  readonly seenAt: Date;
}

export interface HeadMemory {
  readonly heads: ReadonlyMap<string, RememberedHead>;
  /** A sentence when the file was lost or can't be written; then the memory lasts as long as this console. */
  readonly trouble: string | null;
  /** Keeps these heads as seen now, by tenant, besides what it knows. */
  remember(heads: ReadonlyMap<string, ChainHead>): void;
  forget(tenantId: string): void;
}

export interface HeadMemoryOptions {
  /** Of this profile and login alone. */
  readonly file: KeptFile;
  readonly profile: string;
  readonly login: string;
  readonly clock: Clock;
  readonly log: Logger;
}

const contents = z.object({
  version: z.literal(1),
  profile: z.string(),
  login: z.string(),
  heads: z.record(
    z.uuid(),
    z.object({
      seq: z.string().regex(/^[1-9]\d{0,18}$/),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      seenAt: z.iso.datetime(),
    }),
  ),
});

/** Where two consoles keep one file, the last one to write wins; both have seen true heads. */
export function createHeadMemory({ file, profile, login, clock, log }: HeadMemoryOptions): HeadMemory {
  const read = readHeads(file);
  const heads = read.heads;
  let lost = read.trouble;
  let unkept: string | null = null;
  if (lost !== null) log.warn(lost);

  function keep(): void {
    const kept = Object.fromEntries(
      [...heads].map(([tenantId, { seq, hash, seenAt }]) => [
        tenantId,
        { seq: seq.toString(), hash, seenAt: seenAt.toISOString() },
      ]),
    );
    try {
      file.write(JSON.stringify({ version: 1, profile, login, heads: kept }));
      unkept = null;
    } catch (error) {
      unkept = `What this console remembers of the audit log can't be kept in ${file.path}: ${reasonOf(error)}. It lasts until the console is closed.`;
      log.warn(unkept);
    }
  }

  return {
    heads,
    get trouble() {
      return unkept ?? lost;
    },
    remember(seen) {
      if (seen.size === 0) return;
      for (const [tenantId, head] of seen) heads.set(tenantId, { ...head, seenAt: clock.now() });
      keep();
    },
    forget(tenantId) {
      lost = null;
      if (heads.delete(tenantId)) keep();
    },
  };
}

function readHeads(file: KeptFile): { heads: Map<string, RememberedHead>; trouble: string | null } {
  let text: string | undefined;
  try {
    text = file.read();
  } catch (error) {
    const trouble = `What this console remembered of the audit log can't be read from ${file.path}: ${reasonOf(error)}.`;
    return { heads: new Map(), trouble };
  }
  if (text === undefined) return { heads: new Map(), trouble: null };
  const heads = parseHeads(text);
  if (heads) return { heads, trouble: null };
  const trouble = `What this console remembered of the audit log was damaged and set aside as ${file.setAside()}. By it, a chain rewritten before today can't be told any more.`;
  return { heads: new Map(), trouble };
}

function parseHeads(text: string): Map<string, RememberedHead> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const known = contents.safeParse(parsed);
  if (!known.success) return undefined;
  return new Map(
    Object.entries(known.data.heads).map(([tenantId, { seq, hash, seenAt }]) => [
      tenantId,
      { seq: BigInt(seq), hash, seenAt: new Date(seenAt) },
    ]),
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
