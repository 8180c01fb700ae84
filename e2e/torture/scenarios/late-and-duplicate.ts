import { lateAndDuplicateRows } from '../../../src-platform/testing/late-and-duplicate.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

/** Rows that come late, three times each and through killed connections are in the ledger once, and all sums are the ledger's. */
export async function lateAndDuplicate({ db, scale, random, say, broken }: DatabaseScene): Promise<Figures> {
  const rows = scale.lateRows;
  const { sent, inLedger, killed, drift } = await lateAndDuplicateRows({
    db,
    rows,
    kills: scale.lateKills,
    random,
    say,
  });
  for (const line of drift) broken(line);
  return {
    'late-rows': none(
      Math.abs(inLedger - rows),
      'rows too many or too few in the ledger',
      `${rows} rows, ${sent} sent, ${killed} kills`,
    ),
    'late-rollups': none(drift.length, 'sums that are not the ledger’s, to the nano-USD', 'six zones'),
  };
}
