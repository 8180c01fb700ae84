import { expect, test } from 'vitest';
import { isolationPage } from './isolation-page.ts';
import { isolationReport, type IsolationFacts } from './isolation-words.ts';

const facts = (change: Partial<IsolationFacts> = {}): IsolationFacts => ({
  checkedAt: new Date('2026-11-21T08:32:31.123Z'),
  database: 'tenantdesk',
  server: '18.0',
  by: 'login asha',
  scope: { tables: 34, partitions: 16, views: 1, policies: 80, functions: 60, logins: 7 },
  rules: [{ rule: 'a', level: 'error', title: 'Row security is on', meaning: 'Why.', ok: true, findings: [] }],
  trials: [{ role: 'tenant', standing: 'some', tried: 1_234, refused: 1_200, findings: [] }],
  missing: [],
  ...change,
});

const rule = (level: 'error' | 'warning'): IsolationFacts['rules'] => [
  { rule: 'a', level, title: 'Row security is on', meaning: 'Why.', ok: false, findings: ['table caps'] },
];

test('says what was checked, when, and what came of it', () => {
  const page = isolationPage(isolationReport(facts()));
  expect(page).toContain('Clients are kept apart in this database. All 1 rules are kept; none of 1,234 attempts');
  expect(page).toContain('2026-11-21 08:32:31 UTC');
  expect(page).toContain('A client’s own programs, for one client');
});

test('a broken rule or a finding spoils the result, a warning does not; all are named', () => {
  expect(isolationReport(facts({ rules: rule('error') }))).toMatchObject({ ok: false });
  expect(isolationReport(facts({ rules: rule('warning') }))).toMatchObject({ ok: true });
  const found = {
    role: 'viewer',
    standing: 'some',
    tried: 300,
    refused: 200,
    findings: ['select caps: other'],
  } as const;
  const report = isolationReport(facts({ trials: [found], rules: rule('warning'), missing: ['Not tried.'] }));
  expect(report.ok).toBe(false);
  const page = isolationPage(report);
  for (const words of [
    'may not be kept apart',
    'select caps: other',
    'table caps',
    'not kept (a warning)',
    'Not tried.',
  ]) {
    expect(page).toContain(words);
  }
});

test('names of the database stay text', () => {
  const hostile = `<img src=x onerror="alert('1')">&`;
  const page = isolationPage(
    isolationReport(
      facts({
        database: hostile,
        by: hostile,
        missing: [hostile],
        rules: [{ rule: 'a', level: 'error', title: hostile, meaning: hostile, ok: false, findings: [hostile] }],
        trials: [{ role: hostile, standing: 'some', tried: 1, refused: 1, findings: [hostile] }],
      }),
    ),
  );
  expect(page).not.toContain('<img');
  expect(page.match(/&lt;img src=x onerror=&quot;alert\(&#39;1&#39;\)&quot;&gt;&amp;/g)).toHaveLength(8);
});
