import type { AuditFinding } from '../contract/audit.ts';
import { diagnose, type ChainLookup } from './chain-diagnosis.ts';
import { chainHash, genesisHash, type ChainHead, type ChainRow } from './chain-row.ts';

/** Somebody besides the chain who knows what stood at a place: this console from before, or the platform's chain. */
export interface Witness extends ChainHead {
  readonly by: 'anchor' | 'memory';
  readonly seenAt: Date | null;
}

export type ChainFinding = Pick<AuditFinding, 'seq' | 'what' | 'by' | 'seenAt'>;

export interface ChainWalk {
  readonly tenantId: string;
  /** The chain's entries in order, in pages. */
  readonly pages: AsyncIterable<readonly ChainRow[]>;
  /** The chain's head, read before the first page; undefined: there was none. */
  readonly head: ChainHead | undefined;
  /** Reads the head again: entries may have come since. */
  readonly headNow: () => Promise<ChainHead | undefined>;
  readonly witnesses: readonly Witness[];
  readonly lookup: ChainLookup;
  /** Hears of each page that was read and found sound so far. */
  readonly onPage?: (rows: readonly ChainRow[]) => void;
}

/** Follows a chain from its first entry. @returns the first bad entry; null: all is as it was written. */
export async function walkChain(walk: ChainWalk): Promise<ChainFinding | null> {
  const { tenantId, head } = walk;
  const wanted = new Map(walk.witnesses.map((witness) => [witness.seq, witness]));
  const hashes = { last: genesisHash(tenantId), before: undefined as string | undefined };
  let last = 0n;
  let headHash: string | undefined;
  let denied: Witness | undefined;

  for await (const page of walk.pages) {
    for (const row of page) {
      const place = last + 1n;
      if (row.seq !== place || row.prevHash !== hashes.last || chainHash(row) !== row.hash) {
        const found = await diagnose({ row, place, previous: hashes.last, beforePrevious: hashes.before }, walk.lookup);
        return earlier({ ...found, by: 'chain', seenAt: null }, denied);
      }
      hashes.before = hashes.last;
      hashes.last = row.hash;
      last = place;
      if (place === head?.seq) headHash = row.hash;
      const witness = wanted.get(place);
      if (witness && witness.hash !== row.hash) denied ??= witness;
    }
    walk.onPage?.(page);
  }
  const atEnd = await compareWithHead(walk, last, hashes.last, headHash);
  if (atEnd) return earlier(atEnd, denied);
  if (denied) return earlier(null, denied);
  const beyond = walk.witnesses.filter(({ seq }) => seq > last).toSorted((a, b) => Number(b.seq - a.seq))[0];
  return beyond ? { seq: last + 1n, what: 'cut', by: beyond.by, seenAt: beyond.seenAt } : null;
}

async function compareWithHead(
  { head, headNow }: ChainWalk,
  last: bigint,
  lastHash: string,
  headHash: string | undefined,
): Promise<ChainFinding | null> {
  const known = { by: 'head', seenAt: null } as const;
  if (head && last < head.seq) return { seq: last + 1n, what: 'cut', ...known };
  if (head && headHash !== head.hash && head.seq > 0n) return { seq: head.seq, what: 'edited', ...known };
  if (last === (head?.seq ?? 0n)) return null;
  const now = await headNow();
  if (!now) return { seq: last, what: 'head', ...known };
  if (last > now.seq) return { seq: now.seq + 1n, what: 'inserted', ...known };
  return last === now.seq && lastHash !== now.hash ? { seq: last, what: 'edited', ...known } : null;
}

/** Of what the chain shows and what a witness denies, the one that is nearer to the chain's beginning. */
function earlier(found: ChainFinding | null, denied: Witness | undefined): ChainFinding | null {
  if (!denied || (found && found.seq <= denied.seq)) return found;
  return { seq: denied.seq, what: 'rewritten', by: denied.by, seenAt: denied.seenAt };
}
