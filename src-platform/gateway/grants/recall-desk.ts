import type { Pool } from 'pg';
import { withPatience } from './patience.ts';
import type { Recalled } from './waiting-calls.ts';

/*
 * Gateways call idle money back from each other, by words on a channel of PostgreSQL that only they listen to:
 *
 *   asker    looks who holds open grants of the tenant, and says {recall, tenant} in the same statement
 *   holders  give back what lies idle at that moment, then say {recall, done by}; with nothing idle at once. Nothing when the
 *            database did not take it: it lies there still
 *   asker    goes on when all of them said so, or after its patience: then nobody can say whether the budget is used up. It
 *            doesn't wait for those that have been silent for a while, but they count as ones who did not answer, until their
 *            grants are marked orphaned
 */

/** The channel of gateways' words to each other. */
export const RECALL_CHANNEL = 'platform_recall';

export interface RecallDesk {
  /** Never rejects. */
  recall(tenantId: string): Promise<Recalled>;
  /** A word on the channel. */
  heard(word: string): void;
}

export interface RecallDeskPorts {
  readonly pool: Pool;
  readonly gatewayId: string;
  readonly newId: () => string;
  /** Gives this gateway's idle money of the tenant back. False: the database did not take it. */
  readonly callBack: (tenantId: string) => Promise<boolean>;
  readonly onTrouble: (error: unknown) => void;
}

interface Word {
  readonly recall: string;
  readonly tenant: string;
  readonly from: string;
  readonly done: boolean;
}

/** Another gateway with money of the tenant. */
interface Holder {
  readonly id: string;
  readonly alive: boolean;
}

const ASK_PATIENCE_MS = 500;
/** The database is there, so it is no outage that the caller waits for: rather a late answer than none. */
const ANSWER_PATIENCE_MS = 900;

export function createRecallDesk(ports: RecallDeskPorts): RecallDesk {
  const { pool, gatewayId } = ports;
  /** Who has not answered yet, a recall. */
  const open = new Map<string, { readonly answered: (from: string) => void }>();

  async function recall(tenantId: string): Promise<Recalled> {
    const id = ports.newId();
    const early = new Set<string>();
    let waiting: Set<string> | undefined;
    const { promise: all, resolve } = Promise.withResolvers<void>();
    open.set(id, {
      answered: (from) => {
        early.add(from);
        waiting?.delete(from);
        if (waiting?.size === 0) resolve();
      },
    });
    try {
      const word = wordOf({ recall: id, tenant: tenantId, from: gatewayId, done: false });
      const asked = await withPatience(askHolders(tenantId, word), ASK_PATIENCE_MS);
      waiting = new Set(asked.flatMap(({ id: holder, alive }) => (alive && !early.has(holder) ? [holder] : [])));
      if (waiting.size > 0) await withPatience(all, ANSWER_PATIENCE_MS);
      return asked.every(({ alive }) => alive) ? 'all' : 'silent';
    } catch (error) {
      ports.onTrouble(error);
      return 'silent';
    } finally {
      open.delete(id);
    }
  }

  /** Tells all gateways at once; only those that have something to give are waited for. */
  async function askHolders(tenantId: string, word: string): Promise<Holder[]> {
    const { rows } = await pool.query<Holder>(
      `select h.id, h.alive, pg_notify('${RECALL_CHANNEL}', $3)
       from (select distinct s.id, s.heartbeat_at > now() - interval '5 seconds' as alive
             from platform.grants g join platform.gateways s on s.id = g.gateway_id
             where g.tenant_id = $1 and g.state = 'open' and g.gateway_id <> $2
               and g.amount_nanousd > g.charged_nanousd) h`,
      [tenantId, gatewayId, word],
    );
    return rows;
  }

  async function answer({ recall: id, tenant }: Word): Promise<void> {
    if (!(await ports.callBack(tenant))) return;
    const word = wordOf({ recall: id, tenant, from: gatewayId, done: true });
    await pool.query(`select pg_notify('${RECALL_CHANNEL}', $1)`, [word]);
  }

  return {
    recall,
    heard: (text) => {
      const word = readWord(text);
      if (word === undefined || word.from === gatewayId) return;
      if (word.done) open.get(word.recall)?.answered(word.from);
      else answer(word).catch(ports.onTrouble);
    },
  };
}

function wordOf(word: Word): string {
  return JSON.stringify(word);
}

function readWord(text: string): Word | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const of = (name: string): unknown => Reflect.get(Object(parsed), name);
  const [recall, tenant, from, done] = [of('recall'), of('tenant'), of('from'), of('done')];
  if (typeof recall !== 'string' || typeof tenant !== 'string' || typeof from !== 'string') return undefined;
  return { recall, tenant, from, done: done === true };
}
