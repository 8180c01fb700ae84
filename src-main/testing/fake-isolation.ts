/** The isolation check of the pretend console: it finds nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { IsolationProgress, IsolationRule } from '../contract/isolation.ts';

const CHECK_ID = '00000000-0000-4000-8000-00000000c4ec';
const STEP_MS = 400;

export function createFakeIsolation() {
  const os = implement(contract.isolation);
  const rule = (name: string, level: IsolationRule['level'], title: string): IsolationRule => ({
    rule: name,
    level,
    title,
    meaning: 'The database itself adds “only rows of this client” to every question.',
    ok: true,
    findings: [],
  });

  async function* run(): AsyncGenerator<IsolationProgress> {
    yield { checkId: CHECK_ID, step: 'rules', report: null };
    await delay(STEP_MS);
    yield { checkId: CHECK_ID, step: 'trials', report: null };
    await delay(STEP_MS);
    yield {
      checkId: CHECK_ID,
      step: 'done',
      report: {
        ok: true,
        verdict: 'Clients are kept apart in this database.',
        checkedAt: new Date(),
        database: 'tenantdesk',
        server: '18.0',
        by: 'login asha',
        scope: { tables: 34, partitions: 16, views: 1, policies: 80, functions: 60, logins: 7 },
        rules: [
          rule('row-security-on', 'error', 'Row security is on, and forced, on every table with clients’ rows'),
          rule('one-role-a-login', 'warning', 'Each login has one role'),
        ],
        trials: [
          {
            role: 'auditor',
            standing: 'all',
            who: 'An auditor, of all clients',
            tried: 300,
            refused: 270,
            findings: [],
          },
        ],
        missing: ['Access was tried with the rights of this login alone.'],
      },
    };
  }

  return {
    run: os.run.handler(() => run()),
    export: os.export.handler(() => ({
      file: '/home/asha/Downloads/tenantdesk-isolation-20261121-083231.html',
      bytes: 9_800,
      sha256: '5f'.repeat(32),
    })),
  };
}
