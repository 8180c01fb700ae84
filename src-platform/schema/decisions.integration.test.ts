/** Random decisions by several people against a model. The full figures are `npm run torture`. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDecisions } from '../testing/decisions/run-decisions.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

test('nobody approves their own, nothing stale or twice, split raises are caught, each change has its audit entry', async () => {
  const { wrong, answers, together } = await runDecisions({ db, sequences: 30, seed: 'decisions' });
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(together).toBeGreaterThan(40);
  for (const code of ['TD403', 'TD409', 'TD422', 'pending', 'done']) expect(answers[code], code).toBeGreaterThan(0);
});
