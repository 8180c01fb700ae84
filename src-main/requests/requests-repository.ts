import { sql, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type {
  AskIncreaseInput,
  Decided,
  DecideIncreaseInput,
  DecideRaiseInput,
  Inbox,
  PastRequest,
} from '../contract/requests.ts';
import type { Database } from '../infra/postgres/database.ts';

export interface RequestsRepository {
  inbox(): Promise<Inbox>;
  ask(input: AskIncreaseInput): Promise<{ requestId: string }>;
  decide(input: DecideIncreaseInput): Promise<Decided>;
  decideRaise(input: DecideRaiseInput): Promise<Decided>;
  history(tenantId?: string): Promise<PastRequest[]>;
}

const amount = z.int().transform(BigInt);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
/** What the functions answer: of a cap where one changed or waits, else how the request or raise ended. */
const decisionAnswer = z.object({
  pending: z.boolean().default(false),
  status: z.enum(['approved', 'declined', 'withdrawn']).optional(),
  state: z.enum(['rejected', 'withdrawn']).optional(),
  capId: z.uuid().optional(),
  version: z.int().optional(),
  limit: amount.optional(),
  inForce: amount.optional(),
  expiresAt: instant.optional(),
});
const status = z.enum(['open', 'approved', 'declined', 'withdrawn', 'expired']);
const inboxRow = z.object({
  kind: z.enum(['request', 'raise']),
  source: z.enum(['tenant', 'staff']),
  until: z.enum(['period_end', 'date', 'removed']).nullable(),
  cap_scope: z.enum(['tenant', 'key', 'workflow']),
  cap_period: z.enum(['month', 'day']),
  tenant_status: z.enum(['active', 'suspended', 'archived']),
});
const SHOWN = 20;
const SHOWN_OF_ALL = 100;

export function createRequestsRepository(database: Database): RequestsRepository {
  return {
    async inbox() {
      const [clock] = await database.rows((db) => sql<{ at: Date }>`select now() as at`.compile(db));
      const found = await database.rows((db) =>
        db
          .selectFrom('inbox as i')
          .selectAll('i')
          .select(
            sql<string[]>`array(
              select coalesce(sum(u.cost_nanousd), 0)::text
              from generate_series(13, 0, -1) ago(days)
              left join platform.usage_tenant_daily u
                on u.tenant_id = i.tenant_id and u.day = timezone(i.time_zone, now())::date - ago.days
              group by ago.days order by ago.days desc)`.as('days'),
          )
          .compile(),
      );
      const items = found.map((row) => {
        const { kind, source, until, cap_scope, cap_period, tenant_status } = inboxRow.parse(row);
        return {
          kind,
          id: present(row.id),
          requestId: row.request_id,
          tenantId: present(row.tenant_id),
          tenantName: present(row.tenant_name),
          tenantStatus: tenant_status,
          timeZone: present(row.time_zone),
          amountNanoUsd: present(row.amount_nanousd),
          askedNanoUsd: present(row.asked_nanousd),
          reason: row.reason,
          source,
          requestedBy: row.requested_by,
          requestedAt: present(row.requested_at),
          expiresAt: present(row.expires_at),
          newLimitNanoUsd: row.new_limit_nanousd,
          until,
          endsAt: row.ends_at,
          cap: {
            capId: present(row.cap_id),
            scope: cap_scope,
            period: cap_period,
            version: present(row.cap_version),
            limitNanoUsd: present(row.limit_nanousd),
            inForceNanoUsd: present(row.limit_in_force_nanousd),
            committedNanoUsd: row.charged_nanousd ?? 0n,
            periodStart: row.period_start ?? present(row.requested_at),
            periodEnd: row.period_end ?? present(row.expires_at),
            changed: row.cap_changed ?? false,
          },
          burnNanoUsdPerDay: row.burn_nanousd_per_day ?? 0n,
          days: row.days.map(BigInt),
          whyNot: row.why_not,
          needsSecond: row.needs_second ?? false,
          mine: row.mine ?? false,
        };
      });
      return { items, asOf: clock?.at ?? null };
    },
    async ask({ tenantId, capId, amountNanoUsd, reason, idempotencyKey }) {
      const answer = await call(
        sql`platform.request_increase(${tenantId}, ${capId}, ${amountNanoUsd}, ${reason}, ${idempotencyKey})`,
        z.object({ requestId: z.uuid() }),
      );
      return answer;
    },
    async decide({ tenantId, requestId, decision, idempotencyKey }) {
      const approval = decision.kind === 'approve' ? decision : undefined;
      const answer = await call(
        sql`platform.decide_increase(${tenantId}, ${requestId}, ${decision.kind}, ${approval?.amountNanoUsd ?? null},
                                     ${approval?.expectedCapVersion ?? null}, ${idempotencyKey}, ${decision.reason ?? null})`,
        decisionAnswer,
      );
      return decidedOf(tenantId, answer);
    },
    async decideRaise({ tenantId, pendingId, decision, idempotencyKey, reason }) {
      const answer = await call(
        decision === 'confirm'
          ? sql`platform.confirm_raise(${tenantId}, ${pendingId}, ${idempotencyKey}, ${reason ?? null})`
          : sql`platform.reject_raise(${tenantId}, ${pendingId}, ${idempotencyKey}, ${reason ?? null})`,
        decisionAnswer,
      );
      return decidedOf(tenantId, answer);
    },
    async history(tenantId) {
      const found = await database.rows((db) =>
        db
          .selectFrom('increase_requests as r')
          .innerJoin('tenants as t', 't.id', 'r.tenant_id')
          .leftJoin('operators as asker', 'asker.id', 'r.requested_by')
          .leftJoin('operators as decider', 'decider.id', 'r.decided_by')
          .select([
            'r.id',
            'r.tenant_id',
            't.name as tenant_name',
            't.time_zone',
            'r.requested_at',
            'asker.name as requested_by',
            'r.amount_nanousd',
            'r.reason',
            'r.status',
            'decider.name as decided_by',
            'r.decided_at',
            'r.decided_amount_nanousd',
            'r.decision_reason',
          ])
          .$if(tenantId !== undefined, (of) => of.where('r.tenant_id', '=', tenantId ?? ''))
          .orderBy('r.requested_at', 'desc')
          .limit(tenantId === undefined ? SHOWN_OF_ALL : SHOWN)
          .compile(),
      );
      return found.map((row) => ({
        requestId: row.id,
        tenantId: row.tenant_id,
        tenantName: row.tenant_name,
        timeZone: row.time_zone,
        requestedAt: row.requested_at,
        requestedBy: row.requested_by,
        amountNanoUsd: row.amount_nanousd,
        reason: row.reason,
        status: status.parse(row.status),
        decidedBy: row.decided_by,
        decidedAt: row.decided_at,
        decidedAmountNanoUsd: row.decided_amount_nanousd,
        decisionReason: row.decision_reason,
      }));
    },
  };

  /** Calls a function of the platform that decides something and reads its answer. */
  async function call<Answer>(text: RawBuilder<unknown>, answer: z.ZodType<Answer>): Promise<Answer> {
    const found = await database.rows((db) => sql<object>`select ${text} as answer`.compile(db));
    const [row] = z.tuple([z.object({ answer })]).parse(found);
    return row.answer;
  }
}

function decidedOf(tenantId: string, answer: z.infer<typeof decisionAnswer>): Decided {
  const { pending, status: ended, state, capId, version, limit, inForce, expiresAt } = answer;
  const known = capId !== undefined && version !== undefined && limit !== undefined && inForce !== undefined;
  return {
    tenantId,
    outcome: pending ? 'waiting' : (ended ?? state ?? 'approved'),
    cap: known ? { capId, version, limitNanoUsd: limit, inForceNanoUsd: inForce } : null,
    expiresAt: expiresAt ?? null,
  };
}

/** A view's columns are nullable by type alone; these never are. */
function present<T>(value: T | null): T {
  if (value === null) throw new Error('The inbox has a row without a value that every row has.');
  return value;
}
