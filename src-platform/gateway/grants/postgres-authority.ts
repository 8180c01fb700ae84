import { DatabaseError, type Pool } from 'pg';
import { withPatience } from './patience.ts';
import { queryKept } from '../query-kept.ts';
import type { GrantAnswer, GrantAsk, GrantAuthority, GrantScope } from './grant-authority.ts';

/** A scope as the database's functions write it. */
export interface ScopeJson {
  readonly capId: string;
  readonly scope: 'tenant' | 'key' | 'workflow';
  readonly period: 'month' | 'day';
  readonly hard: boolean;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly limit: number;
  readonly granted: number;
  readonly charged: number;
}

interface TakeGrantJson {
  readonly granted: boolean;
  readonly uncapped?: boolean;
  readonly failed?: string;
  readonly amount: number;
  readonly scopes: readonly ScopeJson[];
  readonly validUntil: string;
}

/** A call waits no longer than this for money: then it is told that its budget can't be verified. */
const PATIENCE_MS = 800;
const PAUSE_AFTER_TROUBLE_MS = 200;
/** One slow answer on a busy machine is no outage: the calls of one wallet pay for it, not those of all. */
const TROUBLES_BEFORE_PAUSE = 3;

/** The database did not answer a moment ago: not asked again so soon. */
export class AuthorityAway extends Error {
  override readonly name = 'AuthorityAway';
}

/**
 * Asks PostgreSQL. Rejects when it is away; for a moment after that it rejects at once, so that calls get their answer quickly and
 * a database that comes back is not met by a crowd.
 */
export function createPostgresAuthority(
  pool: Pool,
  gatewayId: string,
  monotonic: () => number,
  onTrouble: (error: unknown) => void,
): GrantAuthority {
  let pausedUntil = 0;
  let troublesInARow = 0;

  async function guarded<T>(run: () => Promise<T>): Promise<T> {
    if (monotonic() < pausedUntil) throw new AuthorityAway('PostgreSQL did not answer a moment ago.');
    try {
      const answer = await withPatience(run(), PATIENCE_MS);
      troublesInARow = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof DatabaseError && isVerdict(error))) {
        troublesInARow += 1;
        if (troublesInARow >= TROUBLES_BEFORE_PAUSE) pausedUntil = monotonic() + PAUSE_AFTER_TROUBLE_MS;
        onTrouble(error);
      }
      throw error;
    }
  }

  async function take(ask: GrantAsk): Promise<GrantAnswer> {
    try {
      const { rows } = await guarded(() =>
        queryKept<{ answer: TakeGrantJson }>(
          pool,
          'select platform.take_grant($1, $2, $3, $4, $5, to_timestamp($6::double precision / 1000), $7, $8, $9) as answer',
          [
            gatewayId,
            ask.tenantId,
            ask.keyId,
            ask.workflowId,
            ask.grantId,
            ask.at,
            ask.needTotal.toString(),
            ask.wantTotal.toString(),
            ask.turn,
          ],
        ),
      );
      const answer = rows[0]?.answer;
      if (answer === undefined) throw new AuthorityAway('take_grant answered nothing.');
      if (answer.uncapped === true) return { kind: 'uncapped' };
      const scopes = answer.scopes.map(readScope);
      const known = { amount: BigInt(answer.amount), scopes, validUntil: Date.parse(answer.validUntil) };
      return answer.granted
        ? { kind: 'granted', ...known }
        : { kind: 'refused', ...known, failedCapId: answer.failed ?? '' };
    } catch (error) {
      if (error instanceof DatabaseError && error.code === 'TD403') return { kind: 'forbidden' };
      if (error instanceof DatabaseError && error.code === 'TD409') return { kind: 'retired' };
      if (error instanceof DatabaseError && isVerdict(error)) onTrouble(error);
      throw error;
    }
  }

  return {
    take,
    release: async ({ tenantId, grantId, amountTotal, close, turn }) => {
      try {
        await guarded(() =>
          queryKept(pool, 'select platform.release_grant($1, $2, $3, $4, $5, $6)', [
            gatewayId,
            tenantId,
            grantId,
            amountTotal.toString(),
            close,
            turn,
          ]),
        );
      } catch (error) {
        // No such tenant or gateway (any more): nothing to give back.
        if (error instanceof DatabaseError && error.code === 'TD404') return;
        throw error;
      }
    },
  };
}

/** Reads a scope; instants become milliseconds, amounts bigint. */
export function readScope(scope: ScopeJson): GrantScope {
  return {
    ...scope,
    periodStart: Date.parse(scope.periodStart),
    periodEnd: Date.parse(scope.periodEnd),
    limit: BigInt(scope.limit),
    granted: BigInt(scope.granted),
    charged: BigInt(scope.charged),
  };
}

/** The function said no; anything else means that the database can't be relied on now. */
function isVerdict(error: DatabaseError): boolean {
  return error.code?.startsWith('TD') ?? false;
}
