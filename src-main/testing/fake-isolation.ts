/** The isolation check of the pretend console: it finds what it is told to. */
import { setTimeout as delay } from 'node:timers/promises';
import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { IsolationProgress, IsolationRule } from '../contract/isolation.ts';

const CHECK_ID = '00000000-0000-4000-8000-00000000c4ec';
const STEP_MS = 400;

export function createFakeIsolation(findings: readonly string[] = []) {
  const os = implement(contract.isolation);
  const rule = (
    name: string,
    title: string,
    level: IsolationRule['level'],
    found: readonly string[],
  ): IsolationRule => ({
    rule: name,
    level,
    title,
    meaning: 'The database itself adds “only rows of this client” to every question.',
    ok: found.length === 0,
    findings: found,
  });

  async function* run(): AsyncGenerator<IsolationProgress> {
    yield { checkId: CHECK_ID, step: 'rules', report: null };
    await delay(STEP_MS);
    yield { checkId: CHECK_ID, step: 'trials', report: null };
    await delay(STEP_MS);
    const ok = findings.length === 0;
    yield {
      checkId: CHECK_ID,
      step: 'done',
      report: {
        ok,
        verdict: `Clients ${ok ? 'are' : 'may not be'} kept apart in this database.`,
        checkedAt: new Date(),
        database: 'tenantdesk',
        server: '18.0',
        by: 'login asha',
        scope: { tables: 34, partitions: 16, views: 1, policies: 80, functions: 60, logins: 7 },
        rules: [
          rule(
            'row-security-on',
            'Row security is on, and forced, on every table with clients’ rows',
            'error',
            findings,
          ),
          rule('one-role-a-login', 'Each login has one role', 'warning', []),
        ],
        trials: [
          { role: 'auditor', standing: 'all', who: 'An auditor, of all clients', tried: 300, refused: 270, findings },
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
