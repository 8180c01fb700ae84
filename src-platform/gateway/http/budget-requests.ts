import { DatabaseError, type Pool } from 'pg';
import { zonedIso } from '../admission/zoned-iso.ts';
import { badRequest, budgetUnverifiable, type Refusal } from '../admission/refusal.ts';
import type { Caller } from '../policy/authenticate.ts';
import type { TenantPolicy } from '../policy/policy.ts';
import { queryKept } from '../query-kept.ts';
import { nanoUsdOf, usdText } from '../pricing/money-text.ts';

/** What a tenant asks for beyond its cap, and what became of it. */
export interface BudgetRequests {
  /** The latest, newest first; null: the database is away. */
  latest(tenant: TenantPolicy): Promise<readonly object[] | null>;
  /** `body`: the JSON text as it came. */
  ask(caller: Caller, body: unknown): Promise<{ readonly request: object } | { readonly refusal: Refusal }>;
}

export interface BudgetRequestsPorts {
  readonly pool: Pool;
  readonly gatewayId: string;
  readonly onTrouble: (error: unknown) => void;
}

const SHOWN = 10;
const LONGEST_REASON = 500;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

interface RequestJson {
  readonly requestId: string;
  readonly capId: string;
  readonly status: string;
  readonly amount: number;
  readonly reason: string;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly decidedAmount: number | null;
  readonly decisionReason: string | null;
  readonly decidedAt: string | null;
}

export function createBudgetRequests({ pool, gatewayId, onTrouble }: BudgetRequestsPorts): BudgetRequests {
  return {
    async latest(tenant) {
      try {
        const { rows } = await pool.query<{ request: RequestJson }>(
          `select platform.describe_request(r) as request from platform.increase_requests r
           where r.tenant_id = $1 order by r.requested_at desc limit $2`,
          [tenant.id, SHOWN],
        );
        return rows.map(({ request }) => presented(request, tenant));
      } catch (error) {
        onTrouble(error);
        return null;
      }
    },
    async ask({ tenant, secret }, body) {
      const ask = readAsk(body);
      if ('refusal' in ask) return ask;
      try {
        const { rows } = await queryKept<{ request: RequestJson }>(
          pool,
          'select platform.request_increase_for_tenant($1, $2, $3, $4, $5, $6) as request',
          [gatewayId, tenant.id, secret.keyId, ask.capId, ask.amount, ask.reason],
        );
        const [row] = rows;
        if (!row) throw new Error('The database gave no answer.');
        return { request: presented(row.request, tenant) };
      } catch (error) {
        const verdict = verdictOf(error);
        if (verdict === undefined) onTrouble(error);
        return { refusal: verdict ?? budgetUnverifiable() };
      }
    },
  };
}

interface Ask {
  readonly amount: bigint;
  readonly reason: string;
  readonly capId: string | null;
}

function readAsk(body: unknown): Ask | { readonly refusal: Refusal } {
  let fields: unknown;
  try {
    fields = JSON.parse(typeof body === 'string' ? body : '');
  } catch {
    return refused('invalid_json', 'The body must be a JSON object with "amount_usd" and "reason".');
  }
  if (typeof fields !== 'object' || fields === null) {
    return refused('invalid_json', 'The body must be a JSON object with "amount_usd" and "reason".');
  }
  const { amount_usd: amountUsd, reason, cap_id: capId } = fields as Record<string, unknown>;
  const amount = nanoUsdOf(amountUsd);
  if (amount === undefined || amount === 0n) {
    const message = `'amount_usd' must be how much more is asked for: USD above 0 with at most 9 decimals, such as "5.00".`;
    return refused('invalid_request', message, 'amount_usd');
  }
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > LONGEST_REASON) {
    return refused('invalid_request', `'reason' must be a text of at most ${LONGEST_REASON} characters.`, 'reason');
  }
  if (capId !== undefined && capId !== null && !(typeof capId === 'string' && UUID.test(capId))) {
    return refused('invalid_request', `'cap_id' must be one of GET /v1/budget.`, 'cap_id');
  }
  return { amount, reason, capId: typeof capId === 'string' ? capId : null };
}

const refused = (code: string, message: string, parameter: string | null = null): { readonly refusal: Refusal } => ({
  refusal: badRequest(code, message, parameter),
});

const STATUS: Readonly<Record<string, number>> = { TD400: 400, TD403: 403, TD404: 404, TD409: 409 };

/** What the database said no to; undefined: it did not answer. */
function verdictOf(error: unknown): Refusal | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  const status = STATUS[error.code ?? ''];
  return status === undefined ? undefined : badRequest('request_refused', error.message, null, status);
}

function presented(request: RequestJson, { timeZone }: TenantPolicy): object {
  const at = (instant: string | null): string | null => instant && zonedIso(Date.parse(instant), timeZone);
  return {
    object: 'budget.request',
    id: request.requestId,
    cap_id: request.capId,
    status: request.status,
    amount_usd: usdText(BigInt(request.amount)),
    reason: request.reason,
    requested_at: at(request.requestedAt),
    expires_at: at(request.expiresAt),
    decided_at: at(request.decidedAt),
    decided_amount_usd: request.decidedAmount === null ? null : usdText(BigInt(request.decidedAmount)),
    decision_reason: request.decisionReason,
  };
}
