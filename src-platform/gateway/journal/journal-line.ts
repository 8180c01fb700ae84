import { crc32 } from 'node:zlib';
import type { LedgerRow } from '../ledger/ledger-row.ts';

/** A call that is about to be forwarded: enough to charge its bound if nobody ever hears how it ended. */
export interface Admission {
  readonly row: LedgerRow;
  readonly bound: number;
}

/** admitted → settled (with the ledger's row) or unsent (it never left, nothing is owed). */
export type JournalEntry =
  | { readonly entry: 'admitted'; readonly row: LedgerRow; readonly bound: number }
  | { readonly entry: 'settled'; readonly row: LedgerRow }
  | { readonly entry: 'unsent'; readonly requestId: string; readonly attempt: number };

const CHECKSUM_LENGTH = 8;

/** The lines of a journal; rows come as their JSON text. */
export const admittedLine = (rowJson: string, bound: number): string =>
  line(`{"entry":"admitted","row":${rowJson},"bound":${bound}}`);
export const settledLine = (rowJson: string): string => line(`{"entry":"settled","row":${rowJson}}`);
export const unsentLine = (requestId: string, attempt: number): string =>
  line(JSON.stringify({ entry: 'unsent', requestId, attempt }));

/** CRC-32 of the JSON text in 8 hexadecimal digits, a space, the JSON text, a newline. */
function line(text: string): string {
  return `${checksum(text)} ${text}\n`;
}

/** The entry of a line without its newline; undefined when the line is torn or damaged. */
export function readJournalLine(line: string): JournalEntry | undefined {
  const text = line.slice(CHECKSUM_LENGTH + 1);
  if (line[CHECKSUM_LENGTH] !== ' ' || line.slice(0, CHECKSUM_LENGTH) !== checksum(text)) return undefined;
  // The checksum vouches that this is what was written here.
  return JSON.parse(text) as JournalEntry;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(CHECKSUM_LENGTH, '0');
}
