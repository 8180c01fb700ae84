import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeOperator, type OperatorRole } from '../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { IsolationProgress } from '../contract/isolation.ts';
import { openTestConsole, type TestConsole } from '../testing/test-console.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

async function as<T>(role: OperatorRole, work: (console: TestConsole) => Promise<T>): Promise<T> {
  const operator = await makeOperator(db, { role, ...(role === 'account_manager' ? { tenantIds: [] } : {}) });
  const console = await openTestConsole({ ...operator, gatewayUrl: 'http://127.0.0.1:9' });
  try {
    return await work(console);
  } finally {
    await console.console.close();
  }
}

async function run({ client }: TestConsole): Promise<IsolationProgress> {
  let last: IsolationProgress | undefined;
  for await (const progress of await client.isolation.run()) last = progress;
  if (last === undefined) throw new Error('The check ended without a word.');
  return last;
}

test('an auditor and an admin run it; the page of the last one is written', async () => {
  for (const role of ['auditor', 'admin'] as const) {
    await as(role, async (console) => {
      const { step, checkId, report } = await run(console);
      expect(step).toBe('done');
      expect(report).toMatchObject({ ok: true, missing: [expect.stringContaining('this login alone')] });
      expect(report?.trials).toMatchObject([{ role, standing: 'all', findings: [] }]);
      const { file, bytes } = await console.client.isolation.export({ checkId });
      expect(path.dirname(file)).toBe(path.join(console.folder, 'exports'));
      expect(path.basename(file)).toMatch(/^tenantdesk-isolation-\d{8}-\d{6}\.html$/);
      const page = readFileSync(file, 'utf8');
      expect(Buffer.byteLength(page)).toBe(bytes);
      expect(page).toContain('Clients are kept apart in this database.');
      await expect(console.client.isolation.export({ checkId: randomUUID() })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });
  }
});

test('others are refused by the database', async () => {
  for (const role of ['viewer', 'account_manager', 'operator'] as const) {
    await as(role, (console) => expect(run(console)).rejects.toMatchObject({ code: 'FORBIDDEN' }));
  }
});

test('what was changed by hand is named', async () => {
  const superuser = db.connect(db.superuserUrl);
  await superuser.query('grant select on platform.messages to td_auditor');
  try {
    const { report } = await as('auditor', run);
    expect(report?.ok).toBe(false);
    expect(report?.rules.find(({ rule }) => rule === 'access-as-written')?.findings).toEqual([
      'td_auditor may select messages',
    ]);
    expect(report?.trials[0]?.findings).toEqual(['select messages: nothing, expected: refused']);
  } finally {
    await superuser.query('revoke select on platform.messages from td_auditor');
  }
});
