import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src-platform/local/seeded-random.ts';
import {
  appendEntries,
  isConsistent,
  tamper,
  tamperMany,
  TAMPERINGS,
} from '../../src-platform/testing/audit-tampering.ts';
import { makeOperator, makeTenant } from '../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { AuditCheck } from '../contract/audit.ts';
import { systemClock } from '../infra/clock.ts';
import { createDatabase, type Database } from '../infra/postgres/database.ts';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { checkChains } from './chain-check.ts';
import { createChainRepository } from './chain-repository.ts';
import type { ChainHead } from './chain-row.ts';

const ROUNDS = 100;

let db: TestDatabase;
let superuser: Pool;
const open: Database[] = [];

beforeAll(async () => {
  db = await createTestDatabase();
  superuser = db.connect(db.superuserUrl);
});
afterAll(async () => {
  await Promise.all(open.map((database) => database.close()));
  await db.close();
});

function repositoryOf(operator: { url: string }) {
  const database = createDatabase(operator.url, createFakeLogger());
  open.push(database);
  return createChainRepository(database);
}

async function check(
  repository: ReturnType<typeof repositoryOf>,
  tenantId?: string,
  remembered: ReadonlyMap<string, ChainHead> = new Map(),
): Promise<AuditCheck> {
  const states: AuditCheck[] = [];
  await checkChains({
    repository,
    remembered: new Map([...remembered].map(([id, head]) => [id, { ...head, seenAt: new Date() }])),
    clock: systemClock,
    tenantId,
    tell: (state) => states.push(state),
    signal: new AbortController().signal,
  });
  return states.at(-1)!;
}

describe('a tampering', () => {
  it(`is found and named, in ${ROUNDS} of all kinds: a remembered head finds what fits together`, async () => {
    const repository = repositoryOf(await makeOperator(db, { role: 'auditor' }));
    const wrong = await tamperMany({
      superuser,
      count: ROUNDS,
      random: seededRandom('tamperings'),
      check: async (tenantId, head) =>
        (await check(repository, tenantId, new Map([[tenantId, head]]))).findings[0] ?? null,
    });
    expect(wrong).toEqual([]);
  });

  it('that fits together is told by its anchor, also when the chain is gone altogether', async () => {
    const own = await createTestDatabase();
    const power = own.connect(own.superuserUrl);
    const repository = repositoryOf(await makeOperator(own, { role: 'operator' }));
    const random = seededRandom('anchors');
    const ids = [];
    for (const kind of TAMPERINGS.filter(isConsistent)) {
      const id = await appendEntries(power, 6);
      await power.query(`select platform.audit_anchor('0')`);
      await appendEntries(power, 1, id);
      ids.push({ id, done: await tamper(power, id, 6, kind, random) });
    }
    const gone = await appendEntries(power, 2);
    await power.query(`select platform.audit_anchor('0')`);
    await power.query(`set session_replication_role = replica; delete from platform.audit_log where tenant_id = '${gone}';
      delete from platform.audit_heads where tenant_id = '${gone}'; set session_replication_role = origin`);
    const { findings, badChains } = await check(repository);
    expect(badChains).toBe(3);
    for (const { id, done } of ids) {
      expect(findings, done.told).toContainEqual(
        expect.objectContaining({ tenantId: id, seq: done.seq, what: done.what, by: 'anchor' }),
      );
      expect((await check(repository, id)).findings[0], 'this chain alone').toMatchObject({ by: 'anchor' });
    }
    expect(findings).toContainEqual(expect.objectContaining({ tenantId: gone, seq: 1n, what: 'cut' }));
    await own.close();
  });

  it('of the platform’s own chain is named as its', async () => {
    const own = await createTestDatabase();
    const power = own.connect(own.superuserUrl);
    await appendEntries(power, 3, '00000000-0000-0000-0000-000000000000');
    await tamper(power, '00000000-0000-0000-0000-000000000000', 3, 'cut', () => 0.5);
    const { findings } = await check(repositoryOf(await makeOperator(own, { role: 'admin' })));
    expect(findings).toEqual([expect.objectContaining({ tenantId: null, what: 'cut', seq: 2n, by: 'head' })]);
    await own.close();
  });
});

describe('who checks', () => {
  it('checks what they may see: an account manager their clients, no other’s and not the platform’s', async () => {
    const mine = (await makeTenant(db, { name: 'Clinic B' })).id;
    const theirs = (await makeTenant(db)).id;
    for (const id of [mine, theirs]) await appendEntries(superuser, 4, id);
    const manager = repositoryOf(await makeOperator(db, { role: 'account_manager', tenantIds: [mine] }));
    expect(await check(manager)).toMatchObject({ done: true, entries: 4, total: 4, chains: 1, findings: [] });
    await tamper(superuser, theirs, 4, 'edit', () => 0.5);
    expect(await check(manager)).toMatchObject({ findings: [] });
    await tamper(superuser, mine, 4, 'edit', () => 0.5);
    expect((await check(manager)).findings).toEqual([
      expect.objectContaining({ tenantId: mine, tenantName: 'Clinic B', seq: 3n, what: 'edited' }),
    ]);
    await expect(check(manager, theirs)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    // What was seen while assigned is not missed after.
    const remembered = new Map([[theirs, { seq: 4n, hash: 'ab'.repeat(32) }]]);
    expect((await check(manager, undefined, remembered)).findings).toHaveLength(1);
  });

  it('a viewer may not', async () => {
    const viewer = repositoryOf(await makeOperator(db, { role: 'viewer' }));
    await expect(check(viewer)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('a check', () => {
  it('takes entries that are written meanwhile for what they are', async () => {
    const own = await createTestDatabase();
    const power = own.connect(own.superuserUrl);
    const repository = repositoryOf(await makeOperator(own, { role: 'auditor' }));
    const id = await appendEntries(power, 20);
    const over = new AbortController();
    const writer = (async () => {
      while (!over.signal.aborted) await appendEntries(power, 1, id);
    })();
    for (let round = 0; round < 20; round += 1) expect((await check(repository)).findings).toEqual([]);
    over.abort();
    await writer;
    await own.close();
  });

  it('ends when its reader leaves', async () => {
    const repository = repositoryOf(await makeOperator(db, { role: 'auditor' }));
    const leaving = new AbortController();
    const states: AuditCheck[] = [];
    await checkChains({
      repository,
      remembered: new Map(),
      clock: systemClock,
      tell: (state) => {
        states.push(state);
        leaving.abort();
      },
      signal: leaving.signal,
    });
    expect(states.at(-1)).toMatchObject({ done: false });
    expect(states.length).toBeLessThan(4);
  });

  it('of a chain nobody knows says so', async () => {
    const repository = repositoryOf(await makeOperator(db, { role: 'auditor' }));
    await expect(check(repository, randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
