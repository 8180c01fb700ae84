import { createCapDesk } from '../cap-desk.ts';
import { makeCap, makeOperator, makeTenant, type MadeOperator } from '../factories.ts';
import { disagreements, makeGrantDesk, type GrantDesk } from '../grant-desk.ts';
import type { TestDatabase } from '../test-database.ts';
import { integerBetween, seededRandom, type Random } from '../../local/seeded-random.ts';
import { createModelGateway, type Carry } from './model-gateway.ts';

export interface GrantRun {
  readonly db: TestDatabase;
  /** Steps of gateways and operators, at least. */
  readonly steps: number;
  readonly seed: string;
  /** Asked now and then; throws to end the run. */
  readonly goOn?: () => void;
  readonly say?: (line: string) => void;
}

export interface GrantWork {
  readonly steps: number;
  /** Of them messages to the database; some sent twice, some late, some through connections that were killed. */
  readonly messages: number;
  readonly killed: number;
  readonly looks: number;
  readonly wrong: readonly string[];
}

const LANES = 3;
const STEPS_TO_A_LOOK = 60;
/** Then with another tenant: each look sums all grants that a tenant ever had. */
const LOOKS_A_TENANT = 50;
const SAID_EVERY = 25_000;

/**
 * Two gateways spend a tenant's cap, which an operator lowers and raises meanwhile: takes, releases, recalls, settled calls; answers that
 * nobody waits for, messages that come late or twice, killed connections, gateways that forget everything. Now and then all is quiet, and
 * what was charged, granted and told must be what the calls make it.
 */
export async function runGrants({ db, steps, seed, goOn, say }: GrantRun): Promise<GrantWork> {
  const desks = [await makeGrantDesk(db), await makeGrantDesk(db)];
  const admin = await makeOperator(db, { role: 'admin' });
  const superuser = db.connect(db.superuserUrl);
  const wrong: string[] = [];
  let [done, messages, killed, looks, saidAt] = [0, 0, 0, 0, 0];

  const carry: Carry = async (call, kill) => {
    if (!kill) return call();
    const answer = call();
    answer.catch(() => undefined);
    // Whatever the gateways are doing at this moment: this message, or another one.
    await superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and usename = 'test_td_gateway' and state = 'active' limit 1`,
    );
    return answer;
  };
  const steadfast: Carry = async (call, kill) => {
    for (;;) {
      try {
        return await carry(call, kill);
      } catch (error) {
        const { code } = error as { code?: string };
        if (code?.startsWith('TD') === true || !/^(57P01|ECONNRESET)$|undefined/.test(String(code))) throw error;
        killed += 1;
      }
    }
  };

  async function spend(name: string): Promise<void> {
    const random = seededRandom(name);
    const ground = await makeGround(db, admin, random);
    const gateways = desks.map((desk: GrantDesk) => createModelGateway(desk, ground.tenantId, random, steadfast));
    let [spent, granted] = [0, 0];
    for (let look = 0; look < LOOKS_A_TENANT && done < steps && wrong.length === 0; look += 1) {
      goOn?.();
      const limits = [ground.limit()];
      const moves = gateways.map(async (gateway) => {
        for (let step = 0; step < STEPS_TO_A_LOOK / 2; step += 1) await gateway.step();
        if (random() < 0.3) await gateway.recall();
      });
      if (random() < 0.4) moves.push(ground.change(random).then((limit) => void limits.push(limit)));
      await Promise.all(moves);
      await Promise.all(gateways.map((gateway) => gateway.rest()));
      done += STEPS_TO_A_LOOK + limits.length - 1;
      looks += 1;
      let over = 0;
      for (const { totals } of gateways) {
        spent += totals.spent;
        over += totals.over;
        messages += totals.messages;
        Object.assign(totals, { spent: 0, over: 0, messages: 0 });
      }
      const found = await sumsOf(db, ground.tenantId);
      const most = Math.max(...limits, granted) + over;
      const fail = (told: string): number =>
        wrong.push(`${name}, after ${(look + 1) * STEPS_TO_A_LOOK} steps: ${told}`);
      if (found.charged !== spent) fail(`charged ${found.charged}, the calls cost ${spent}`);
      if (found.charged > found.granted) fail(`charged ${found.charged} of ${found.granted} granted`);
      if (found.granted > most) fail(`granted ${found.granted} of ${most}`);
      if (found.granted !== found.held + found.charged) {
        fail(`granted ${found.granted}, but charged ${found.charged} and held ${found.held}`);
      }
      for (const gateway of gateways) {
        const told = gateway.believes();
        const has = told && found.grants[told.grantId];
        if (told && told.amount > (has?.amount ?? 0)) fail(`a gateway was told ${told.amount}, it has ${has?.amount}`);
        if (told && told.spent !== (has?.charged ?? 0)) fail(`a gateway spent ${told.spent}, charged ${has?.charged}`);
        for (const sentence of gateway.wrong.splice(0)) fail(sentence);
      }
      granted = found.granted;
      if (done - saidAt >= SAID_EVERY) {
        saidAt = done;
        say?.(`${done} of ${steps} steps, ${messages} messages`);
      }
    }
  }

  let tenants = 0;
  const lane = async (): Promise<void> => {
    while (done < steps && wrong.length === 0) await spend(`${seed}/${(tenants += 1)}`);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  wrong.push(...(await disagreements(db)).map((line) => JSON.stringify(line)));
  return { steps: done, messages, killed, looks, wrong };
}

interface Ground {
  readonly tenantId: string;
  limit(): number;
  /** Somebody sets another limit: mostly with room, sometimes below what is handed out. @returns it. */
  change(random: Random): Promise<number>;
}

async function makeGround(db: TestDatabase, admin: MadeOperator, random: Random): Promise<Ground> {
  const caps = createCapDesk(db);
  let limit = integerBetween(random, 300, 2_000);
  let version = 1;
  const { id: tenantId } = await makeTenant(db);
  const capId = await makeCap(db, tenantId, { limitNanoUsd: BigInt(limit) });
  return {
    tenantId,
    limit: () => limit,
    change: async (by) => {
      const more = by() < 0.65 ? integerBetween(by, 1, 700) : -integerBetween(by, 1, 400);
      const next = Math.max(1, limit + more);
      if (next === limit) return limit;
      ({ version } = await caps.set(admin, { tenantId, capId, limit: BigInt(next), version }));
      limit = next;
      return limit;
    },
  };
}

interface Found {
  readonly charged: number;
  readonly granted: number;
  /** What grants still hold beyond their charges. */
  readonly held: number;
  readonly grants: Readonly<Record<string, { readonly amount: number; readonly charged: number }>>;
}

async function sumsOf(db: TestDatabase, tenantId: string): Promise<Found> {
  const { rows } = await db.owner.query<Found>(
    `select coalesce(sum(charged_nanousd), 0)::float8 as charged, coalesce(sum(granted_nanousd), 0)::float8 as granted,
       (select coalesce(sum(amount_nanousd - charged_nanousd), 0)::float8 from platform.grants where tenant_id = $1) as held,
       (select coalesce(jsonb_object_agg(id, jsonb_build_object('amount', amount_nanousd, 'charged', charged_nanousd)), '{}')
        from platform.grants where tenant_id = $1 and state <> 'closed') as grants
     from platform.cap_periods where tenant_id = $1`,
    [tenantId],
  );
  const [row] = rows;
  if (!row) throw new Error('There is no sum.');
  return row;
}
