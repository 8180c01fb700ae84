/** Two gateways, one cap, every kind of bad luck, against what the calls cost. The full figures are `npm run torture`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runGrants } from '../testing/grants/run-grants.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

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
