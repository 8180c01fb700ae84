import { checkChains } from '../../../src-main/audit/chain-check.ts';
import { createChainRepository } from '../../../src-main/audit/chain-repository.ts';
import type { AuditCheck } from '../../../src-main/contract/audit.ts';
import { systemClock } from '../../../src-main/infra/clock.ts';
import { createDatabase } from '../../../src-main/infra/postgres/database.ts';
import { createFakeLogger } from '../../../src-main/testing/fake-logger.ts';
import { tamperMany } from '../../../src-platform/testing/audit-tampering.ts';
import { makeOperator } from '../../../src-platform/testing/factories.ts';
import { none, type DatabaseScene, type Figures } from '../scene.ts';

/** The audit log is changed by somebody with all power: the console's check names each change with its first bad entry. */
export async function tamperings({ db, scale, random, broken, signal }: DatabaseScene): Promise<Figures> {
  const { url } = await makeOperator(db, { role: 'auditor' });
  const database = createDatabase(url, createFakeLogger());
  try {
    const repository = createChainRepository(database);
    const wrong = await tamperMany({
      superuser: db.connect(db.superuserUrl),
      count: scale.tamperings,
      random,
      check: async (tenantId, head) => {
        signal.throwIfAborted();
        let found: AuditCheck | undefined;
        await checkChains({
          repository,
          remembered: new Map([[tenantId, { ...head, seenAt: new Date() }]]),
          clock: systemClock,
          tenantId,
          tell: (state) => (found = state),
          signal,
        });
        return found?.findings[0] ?? null;
      },
    });
    for (const line of wrong) broken(line);
    return {
      tamperings: none(
        wrong.length,
        'tamperings not found, or named other than they were',
        `${scale.tamperings} tamperings`,
      ),
    };
  } finally {
    await database.close();
  }
}
