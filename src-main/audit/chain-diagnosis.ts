import type { AuditFault } from '../contract/audit.ts';
import { chainHash, type ChainRow } from './chain-row.ts';

/** What a person needs to know of a broken chain: the first bad entry and what is wrong with it. */
export interface Diagnosis {
  readonly seq: bigint;
  readonly what: AuditFault;
}

/** What else of the chain the diagnosis asks for. */
export interface ChainLookup {
  /** The entry at that place; undefined: none. */
  at(seq: bigint): Promise<ChainRow | undefined>;
  /** The place of the first entry with that hash. */
  placeOf(hash: string): Promise<bigint | undefined>;
  /** Where the chain's head says that it ends. */
  headSeq(): Promise<bigint | undefined>;
}

export interface Break {
  /** The entry that does not fit; all before it do. */
  readonly row: ChainRow;
  /** The place it should have. */
  readonly place: bigint;
  /** Hash of the entry before that place, and of the one before that (undefined: there is none). */
  readonly previous: string;
  readonly beforePrevious: string | undefined;
}

/** How far from its place an entry is looked for. */
const REACH = 1000n;

/** A guess by what still fits: entries carry the place and the predecessor they were written for. */
export async function diagnose(
  { row, place, previous, beforePrevious }: Break,
  chain: ChainLookup,
): Promise<Diagnosis> {
  if (row.seq !== place) return { seq: place, what: 'missing' };
  if (chainHash(row) === row.hash) {
    // Sound in itself, so the one before it was put in, or changed together with its hash.
    const putIn = beforePrevious !== undefined && row.prevHash === beforePrevious;
    return { seq: place > 1n ? place - 1n : 1n, what: putIn ? 'inserted' : 'edited' };
  }
  const follows = await chain.placeOf(row.prevHash);
  const written = placeWrittenFor(row, place, follows);
  if (written !== undefined && written < place) return { seq: written, what: 'inserted' };
  if (written !== undefined) return { seq: place, what: follows === undefined ? 'missing' : 'order' };
  const next = await chain.at(place + 1n);
  const nextBelongsHere = next?.prevHash === previous && chainHash(next, place) === next.hash;
  const beyondHead = place > ((await chain.headSeq()) ?? place);
  return { seq: place, what: nextBelongsHere || beyondHead ? 'inserted' : 'edited' };
}

function placeWrittenFor(row: ChainRow, place: bigint, follows: bigint | undefined): bigint | undefined {
  const fits = (seq: bigint): boolean => seq > 0n && chainHash(row, seq) === row.hash;
  if (follows !== undefined && fits(follows + 1n)) return follows + 1n;
  for (let distance = 1n; distance <= REACH; distance += 1n) {
    if (fits(place - distance)) return place - distance;
    if (fits(place + distance)) return place + distance;
  }
  return undefined;
}
