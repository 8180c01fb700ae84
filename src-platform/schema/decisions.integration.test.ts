/** Random decisions by several people against a model. The full figures are `npm run torture`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runDecisions } from '../testing/decisions/run-decisions.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { withoutRule } from '../testing/without-rule.ts';

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

describe('it is noticed when nobody', () => {
  // prettier-ignore
  test.each([
    ['asks whether somebody decides about their own', 'decide_increase', 'if v_row.requested_by = v_me.id', 'if false'],
    ['compares the version', 'lock_cap', 'v_cap.version <> p_expected_version', 'false'],
    ['remembers answers', 'first_answer', 'on conflict do nothing', 'on conflict (operator_id, key) do update set function = excluded.function, parameters_digest = excluded.parameters_digest'],
    ['adds up raises', 'within_limit', 'platform.raised_24h(p_me.id) + p_amount', 'p_amount'],
    ['counts audit entries', 'remove_cap_override', 'v_audit := platform.audit_append(', `perform platform.audit_append(p_tenant, null, 'x', 'x', 'x', null, null, null); v_audit := platform.audit_append(`],
  ])('%s', async (_, name, rule, instead) => {
    const broken = await createTestDatabase();
    try {
      await withoutRule(broken, name, rule, instead);
      if (name === 'decide_increase') {
        await broken.owner.query(
          'alter table platform.increase_requests drop constraint increase_requests_are_decided_by_another',
        );
      }
      const { wrong } = await runDecisions({ db: broken, sequences: 60, seed: 'broken' });
      expect(wrong.map(({ kind, told }) => `${kind}: ${told}`)).not.toEqual([]);
    } finally {
      await broken.close();
    }
  });
});
