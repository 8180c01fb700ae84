/** Two gateways, one cap, every kind of bad luck, against what the calls cost. The full figures are `npm run torture`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runGrants } from '../testing/grants/run-grants.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { withoutRule } from '../testing/without-rule.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('nothing is granted twice, and no more than there is', async () => {
  const { wrong, messages } = await runGrants({ db, steps: 1_500, seed: 'grants' });
  expect(wrong).toEqual([]);
  expect(messages).toBeGreaterThan(500);
});

describe('it is noticed when nobody', () => {
  // prettier-ignore
  test.each([
    ['asks whether there is room', 'take_grant', 'v_row.room < v_need', 'false'],
    ['refuses messages that come late', 'check_turn', 'p_turn < p_grant.last_turn', 'false'],
    ['keeps what was charged when a grant shrinks', 'release_grant', 'granted_nanousd = p.granted_nanousd - v_released', 'granted_nanousd = p.granted_nanousd - v_released / 2'],
  ])('%s', async (_, name, rule, instead) => {
    const broken = await createTestDatabase();
    try {
      await withoutRule(broken, name, rule, instead);
      const { wrong } = await runGrants({ db: broken, steps: 6_000, seed: 'broken' });
      expect(wrong).not.toEqual([]);
    } finally {
      await broken.close();
    }
  });
});
