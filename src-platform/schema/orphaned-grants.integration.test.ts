/** Grants of gateways that fell silent: when they are marked, who may release them, and what happens when the gateway comes back after all. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCap, makeOperator, makeTenant, type MadeOperator, type OperatorRole } from '../testing/factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../testing/grant-desk.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';

let db: TestDatabase;
/** A gateway that goes on, and one that falls silent. */
let alive: GrantDesk;
let silent: GrantDesk;
let operator: MadeOperator;

beforeAll(async () => {
  db = await createTestDatabase();
  alive = await makeGrantDesk(db);
  operator = await makeOperator(db, { role: 'operator' });
});
beforeEach(async () => {
  silent = await makeGrantDesk(db);
});
afterAll(async () => {
  expect(await disagreements(db)).toEqual([]);
  await db.close();
});

const heartbeat = ({ gatewayId }: GrantDesk) => alive.pool.query('select platform.gateway_heartbeat($1)', [gatewayId]);

async function fallSilent(): Promise<void> {
  await db.owner.query(`update platform.gateways set heartbeat_at = now() - interval '121 seconds' where id = $1`, [
    silent.gatewayId,
  ]);
  await heartbeat(alive);
}

/** A tenant with a cap of 1,000, of which the silent gateway holds 500 and has spent 120. */
async function orphan(): Promise<{ tenantId: string; capId: string; grantId: string }> {
  const { id: tenantId } = await makeTenant(db);
  const capId = await makeCap(db, tenantId, { limitNanoUsd: 1_000n });
  const grantId = randomUUID();
  await silent.take({ tenantId, grantId, need: 500 });
  await silent.charge(tenantId, 120, { grant_id: grantId });
  await fallSilent();
  return { tenantId, capId, grantId };
}

interface Released {
  grantId: string;
  released: number;
  charged: number;
  gateway: string;
  releasedAt: string;
}

async function release(
  of: { tenantId: string; grantId: string },
  change: { by?: { url: string }; key?: string; reason?: string | null } = {},
): Promise<Released> {
  const { rows } = await db
    .connect((change.by ?? operator).url)
    .query<{ answer: Released }>('select platform.release_orphaned_grant($1, $2, $3, $4) as answer', [
      of.tenantId,
      of.grantId,
      change.key ?? randomUUID(),
      change.reason ?? null,
    ]);
  return rows[0]!.answer;
}

async function version(): Promise<bigint> {
  const { rows } = await db.owner.query<{ version: bigint }>(
    `select version from platform.versions where topic = 'caps'`,
  );
  return rows[0]!.version;
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'passed',
    (error: { code: string }) => error.code,
  );

async function stateOf(grantId: string): Promise<string | undefined> {
  const { rows } = await db.owner.query<{ state: string }>('select state from platform.grants where id = $1', [
    grantId,
  ]);
  return rows[0]?.state;
}

describe('a gateway that falls silent', () => {
  test('has its grants marked after two minutes, and again as its own when it is heard', async () => {
    const { tenantId, grantId } = await orphan();
    expect(await stateOf(grantId)).toBe('orphaned');
    // Nobody gets that money meanwhile.
    expect(await alive.take({ tenantId, need: 501 })).toMatchObject({ granted: false });
    await heartbeat(silent);
    expect(await stateOf(grantId)).toBe('open');
    expect(await silent.take({ tenantId, grantId, need: 510 })).toMatchObject({ granted: true, amount: 510 });
  });

  test('is not silent a moment before', async () => {
    const { id: tenantId } = await makeTenant(db);
    await makeCap(db, tenantId, { limitNanoUsd: 1_000n });
    const grantId = randomUUID();
    await silent.take({ tenantId, grantId, need: 500 });
    await db.owner.query(`update platform.gateways set heartbeat_at = now() - interval '115 seconds' where id = $1`, [
      silent.gatewayId,
    ]);
    await heartbeat(alive);
    expect(await stateOf(grantId)).toBe('open');
  });
});

describe('release_orphaned_grant', () => {
  test('gives back what was not charged; audited, announced, and the money can be had', async () => {
    const made = await orphan();
    const before = await version();
    expect(await release(made, { reason: 'machine is gone' })).toMatchObject({
      grantId: made.grantId,
      released: 380,
      charged: 120,
      gateway: 'test',
    });
    expect(await stateOf(made.grantId)).toBe('closed');
    expect(await alive.take({ tenantId: made.tenantId, need: 880 })).toMatchObject({
      granted: true,
      scopes: [{ granted: 1_000, charged: 120 }],
    });
    const { rows } = await db.owner.query(
      'select action, target, before, after, reason, login from platform.audit_log where tenant_id = $1',
      [made.tenantId],
    );
    expect(rows).toMatchObject([
      {
        action: 'grant.release',
        target: `grant:${made.grantId}`,
        before: { state: 'orphaned', amountNanoUsd: 500 },
        after: { state: 'closed', amountNanoUsd: 120, releasedNanoUsd: 380, gateway: 'test' },
        reason: 'machine is gone',
        login: operator.login,
      },
    ]);
    expect(await version()).toBe(before + 1n);
  });

  test('the same key gets the first answer again and does nothing; for another change it is refused', async () => {
    const made = await orphan();
    const key = randomUUID();
    const first = await release(made, { key });
    expect(await release(made, { key })).toEqual(first);
    expect(await codeOf(release(made, { key, reason: 'other' }))).toBe('TD422');
    expect(await codeOf(release(made))).toBe('TD409');
    const { rowCount } = await db.owner.query('select from platform.audit_log where tenant_id = $1', [made.tenantId]);
    expect(rowCount).toBe(1);
  });

  test('many at once: one release', async () => {
    const made = await orphan();
    const answers = await Promise.all(Array.from({ length: 8 }, () => codeOf(release(made))));
    expect(answers.toSorted()).toEqual([...Array<string>(7).fill('TD409'), 'passed']);
    const { rows } = await db.owner.query(
      'select granted_nanousd as n from platform.cap_periods where tenant_id = $1',
      [made.tenantId],
    );
    expect(rows).toEqual([{ n: 120n }]);
  });

  test.each<[OperatorRole, 'all' | 'own' | 'other', string]>([
    ['viewer', 'all', '42501'],
    ['auditor', 'all', '42501'],
    ['account_manager', 'own', '42501'],
    ['operator', 'own', 'passed'],
    ['operator', 'other', 'TD404'],
    ['operator', 'all', 'passed'],
    ['admin', 'all', 'passed'],
  ])('%s, %s tenants: %s', async (role, sees, code) => {
    const made = await orphan();
    const { id: other } = await makeTenant(db);
    const tenantIds = { all: undefined, own: [made.tenantId], other: [other] }[sees];
    const by = await makeOperator(db, { role, tenantIds });
    expect(await codeOf(release(made, { by }))).toBe(code);
    expect(await stateOf(made.grantId)).toBe(code === 'passed' ? 'closed' : 'orphaned');
  });

  test('is for orphaned grants of gateways that are still silent', async () => {
    const made = await orphan();
    expect(await codeOf(release({ ...made, grantId: randomUUID() }))).toBe('TD404');
    expect(await codeOf(release({ ...made, tenantId: randomUUID() }))).toBe('TD404');
    expect(await codeOf(release(made, { reason: 'x'.repeat(501) }))).toBe('TD400');
    expect(await codeOf(release(made, { by: { url: db.urlFor('td_operator') } }))).toBe('TD403');
    await heartbeat(silent);
    expect(await codeOf(release(made))).toBe('TD409');
    expect(await stateOf(made.grantId)).toBe('open');
  });
});

describe('a gateway that comes back after its grant was released', () => {
  test('is charged exactly for what it settles, and its cap then says so', async () => {
    const made = await orphan();
    await release(made);
    // It had let calls through on the money it held: 200 of the 380 that were given back.
    await heartbeat(silent);
    expect(await silent.charge(made.tenantId, 200, { grant_id: made.grantId })).toMatchObject({
      inserted: 1,
      capPeriods: [{ granted: 320, charged: 320 }],
      overBound: [{ grantId: made.grantId, nanoUsd: 200 }],
    });
    expect(await stateOf(made.grantId)).toBe('closed');
    // Idle money is not given back a second time, and more is not to be had on that grant.
    await silent.release(made.tenantId, made.grantId, 0);
    await expect(silent.take({ tenantId: made.tenantId, grantId: made.grantId, need: 700 })).rejects.toMatchObject({
      code: 'TD409',
    });
    expect(await silent.take({ tenantId: made.tenantId, need: 681 })).toMatchObject({ granted: false });
    expect(await silent.take({ tenantId: made.tenantId, need: 680 })).toMatchObject({ granted: true });
  });

  test('goes on with its turns: what it says of the released grant changes nothing, and its next grant is given', async () => {
    const { id: tenantId } = await makeTenant(db);
    const capId = await makeCap(db, tenantId, { limitNanoUsd: 1_000n });
    const grantId = randomUUID();
    await silent.take({ tenantId, grantId, need: 300, turn: 1 });
    await silent.take({ tenantId, grantId, need: 500, turn: 2 });
    await silent.charge(tenantId, 120, { grant_id: grantId });
    await fallSilent();
    expect(await release({ tenantId, grantId })).toMatchObject({ released: 380, charged: 120 });
    await heartbeat(silent);
    // On their way since before the silence, then those of now.
    expect(await codeOf(silent.take({ tenantId, grantId, need: 900, turn: 1 }))).toBe('TD409');
    expect(await codeOf(silent.release(tenantId, grantId, 0, false, 1))).toBe('TD409');
    expect(await codeOf(silent.take({ tenantId, grantId, need: 700, turn: 3 }))).toBe('TD409');
    const back = { amount: 120, charged: 120, released: 0, state: 'closed' };
    expect(await silent.release(tenantId, grantId, 300, false, 4)).toMatchObject(back);
    expect(await silent.release(tenantId, grantId, 120, true, 5)).toMatchObject(back);
    expect(await silent.take({ tenantId, need: 880, turn: 1 })).toMatchObject({
      granted: true,
      scopes: [{ capId, granted: 1_000, charged: 120 }],
    });
  });

  test('passes the cap by what was released at most, counted, and nothing passes after', async () => {
    const made = await orphan();
    await release(made);
    expect(await alive.take({ tenantId: made.tenantId, need: 880 })).toMatchObject({ granted: true });
    await heartbeat(silent);
    const { capPeriods } = await silent.charge(made.tenantId, 380, { grant_id: made.grantId });
    expect(capPeriods).toMatchObject([{ limit: 1_000, granted: 1_380, charged: 500 }]);
    expect(await alive.take({ tenantId: made.tenantId, need: 1 })).toMatchObject({
      granted: false,
      failed: made.capId,
    });
  });

  test('a release that crosses its return ends in one of the two, never in both', async () => {
    for (let round = 0; round < 5; round += 1) {
      silent = await makeGrantDesk(db);
      const made = await orphan();
      const [released] = await Promise.all([
        codeOf(release(made)),
        heartbeat(silent).then(() => silent.release(made.tenantId, made.grantId, 120, true)),
      ]);
      expect(['passed', 'TD409']).toContain(released);
      const { rows } = await db.owner.query(
        'select granted_nanousd as n from platform.cap_periods where tenant_id = $1',
        [made.tenantId],
      );
      expect(rows).toEqual([{ n: 120n }]);
    }
  });
});

test('what is asked for often has its index', async () => {
  const plans = await Promise.all(
    [
      `select from platform.usage_records where tenant_id = '${randomUUID()}' order by occurred_at desc limit 50`,
      `select from platform.refusals where tenant_id = '${randomUUID()}' order by refused_at desc limit 50`,
    ].map(async (query) => {
      const client = await db.owner.connect();
      try {
        await client.query('begin');
        await client.query('set local enable_seqscan = off');
        await client.query('set local enable_sort = off');
        const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${query}`);
        await client.query('rollback');
        return rows.map((row) => row['QUERY PLAN']).join('\n');
      } finally {
        client.release();
      }
    }),
  );
  for (const plan of plans) expect(plan).not.toMatch(/Sort|Seq Scan/);
});
