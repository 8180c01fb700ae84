import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import type { BilledTokens } from './price-list.ts';

/** One line of the provider's own bill (JSON lines). Only tests read the file: nothing of the platform may depend on it. */
export interface BillLine {
  readonly at: string;
  /** The caller's id for this call, as sent in `x-tenantdesk-request-id` or `x-request-id`; null when none came. */
  readonly requestId: string | null;
  /** The provider's own id, as answered in `x-request-id`. */
  readonly providerRequestId: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  /** Both kinds of writing. */
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Decimal digits of nano-USD. */
  readonly costNanoUsd: string;
  readonly stream: boolean;
  /** False: the connection ended before the answer did. */
  readonly completed: boolean;
}

export interface BillBook {
  /** Written through before the answer's end leaves, so that whoever has the answer finds it on the bill. */
  add(line: BillLine): void;
  close(): void;
}

/** A day of demo traffic is some 250 MB; no test writes so much. */
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Appends to `file`. One that grew too large is kept as `<file>.1` and a new one begun, so that a demo left running fills no disk. */
export function openBillBook(file: string, largestBytes = LARGEST_BYTES): BillBook {
  let descriptor = openSync(file, 'a', 0o600);
  let bytes = statSync(file).size;
  return {
    add: (line) => {
      if (bytes >= largestBytes) {
        closeSync(descriptor);
        renameSync(file, `${file}.1`);
        descriptor = openSync(file, 'a', 0o600);
        bytes = 0;
      }
      bytes += writeSync(descriptor, `${JSON.stringify(line)}\n`);
    },
    close: () => closeSync(descriptor),
  };
}

/** The figures of a bill line from tokens and their cost. */
export function billedFigures(
  tokens: BilledTokens,
  costNanoUsd: bigint,
): Pick<
  BillLine,
  'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'reasoningTokens' | 'costNanoUsd'
> {
  return {
    inputTokens: tokens.input,
    cachedInputTokens: tokens.cachedInput,
    cacheWriteTokens: tokens.cacheWrite,
    outputTokens: tokens.output,
    reasoningTokens: tokens.reasoning,
    costNanoUsd: costNanoUsd.toString(),
  };
}
