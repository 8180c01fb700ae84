import type { GrantScope } from '../grants/grant-authority.ts';
import type { ScopeFigures } from '../grants/waiting-calls.ts';
import type { Wanted } from '../live/live-report.ts';
import type { TenantPolicy } from '../policy/policy.ts';
import { usdText } from '../pricing/money-text.ts';
import { scopeNames } from './scope-names.ts';
import { zonedIso } from './zoned-iso.ts';

/** Why a call does not go through; each wire format has its own shape for it. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  /** A sentence for the tenant's developer: what is wrong and what to do. */
  readonly message: string;
  readonly parameter?: string | null;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** For the operator alone: kept with the refusal, not in the answer to the tenant. */
  readonly operatorFacts?: Readonly<Record<string, unknown>>;
  /** When a cap is the reason: which, and what the call wanted of it. */
  readonly wanted?: Wanted;
}

/** A spending stop is no rate limit: SDKs must not try again. */
const NO_RETRY = { 'x-should-retry': 'false' };

/** What is known of the cap at the moment of the refusal, all nano-USD. */
export interface CapFigures {
  readonly committed: bigint;
  readonly held: bigint;
  readonly estimate: bigint;
  /** The most that the call could have had. */
  readonly remaining: bigint;
  /** Every cap the call had to pass, with its figures. */
  readonly scopes: readonly ScopeFigures[];
}

const PERIOD_WORDS = { month: 'monthly', day: 'daily' } as const;

export function capReached(tenant: TenantPolicy, scope: GrantScope, figures: CapFigures): Refusal {
  const { committed, held, estimate } = figures;
  const resetsAt = zonedIso(scope.periodEnd, tenant.timeZone);
  const names = scopeNames(
    tenant,
    tenant.caps.find(({ id }) => id === scope.capId),
  );
  const of =
    scope.scope === 'key' ? 'this key of ' : names.workflow === undefined ? '' : `workflow "${names.workflow}" of `;
  return {
    status: 402,
    type: 'budget_exceeded',
    code: `${scope.scope}_${scope.period}_cap`,
    message:
      `The ${PERIOD_WORDS[scope.period]} cap of ${of}${tenant.name} is reached: ${usdText(committed)} of ${usdText(scope.limit)} USD are spent, ` +
      `${usdText(held)} are held by open calls, and this call can cost up to ${usdText(estimate)}. ` +
      `It resets at ${resetsAt}; until then only a higher cap helps.`,
    facts: {
      scope: scope.scope,
      ...names,
      period: scope.period,
      tenant: tenant.slug,
      cap_id: scope.capId,
      cap_nanousd: Number(scope.limit),
      cap_usd: usdText(scope.limit),
      committed_nanousd: Number(committed),
      committed_usd: usdText(committed),
      held_nanousd: Number(held),
      held_usd: usdText(held),
      estimate_nanousd: Number(estimate),
      estimate_usd: usdText(estimate),
      period_start: zonedIso(scope.periodStart, tenant.timeZone),
      resets_at: resetsAt,
    },
    operatorFacts: {
      remaining_nanousd: Number(figures.remaining),
      scopes: figures.scopes.map((one) => ({ ...scopeFacts(one, tenant), refused: one.scope.capId === scope.capId })),
    },
    headers: NO_RETRY,
    wanted: {
      capId: scope.capId,
      bound: Number(estimate),
      limit: Number(scope.limit),
      periodStart: scope.periodStart,
      periodEnd: scope.periodEnd,
    },
  };
}

/** `granted`: everything handed out, what is spent included; what is neither committed nor held of it lies idle in grants. */
function scopeFacts({ scope, committed, held }: ScopeFigures, tenant: TenantPolicy): Record<string, unknown> {
  return {
    cap_id: scope.capId,
    scope: scope.scope,
    period: scope.period,
    hard: scope.hard,
    limit_nanousd: Number(scope.limit),
    committed_nanousd: Number(committed),
    held_nanousd: Number(held),
    granted_nanousd: Number(scope.granted),
    period_start: zonedIso(scope.periodStart, tenant.timeZone),
    resets_at: zonedIso(scope.periodEnd, tenant.timeZone),
  };
}

export function budgetUnverifiable(): Refusal {
  return {
    status: 503,
    type: 'budget_unverifiable',
    code: 'budget_unverifiable',
    message: 'The budget of this call cannot be verified at the moment, so it was not sent. Try again shortly.',
    headers: { 'retry-after': '1' },
  };
}

export function tenantInactive(tenant: TenantPolicy): Refusal {
  return {
    status: 403,
    type: 'permission_error',
    code: `tenant_${tenant.status === 'active' ? 'forbidden' : tenant.status}`,
    message: `Calls of ${tenant.name} are not accepted at the moment. Ask your agency.`,
    headers: NO_RETRY,
  };
}

export function modelNotAllowed(tenant: TenantPolicy, model: string): Refusal {
  return {
    status: 403,
    type: 'permission_error',
    code: 'model_not_allowed',
    message: `${tenant.name} may not use the model "${model}". GET /v1/models lists those that it may; ask your agency for others.`,
    parameter: 'model',
    headers: NO_RETRY,
  };
}

export function keyRefused(code: 'key_unknown' | 'key_revoked'): Refusal {
  const reason = code === 'key_unknown' ? 'is not known' : 'was revoked or has expired';
  return {
    status: 401,
    type: 'authentication_error',
    code,
    message: `The API key ${reason}. Send a valid key as "Authorization: Bearer td_…".`,
  };
}

export function unpricedModel(model: string): Refusal {
  return {
    status: 400,
    type: 'invalid_request_error',
    code: 'unpriced_model',
    message: `The model "${model}" has no price here, so its cost can't be bounded. Ask your agency to price it, or take one of GET /v1/models.`,
    parameter: 'model',
  };
}

export function wrongFormat(model: string, path: string): Refusal {
  const message = `The model "${model}" isn't to be had in the format of ${path}. Call it in another of the gateway's formats.`;
  return badRequest('unsupported_format', message, 'model');
}

export function unknownHourRate(model: string): Refusal {
  const message = `What "${model}" costs with its prompt cached for an hour ("ttl": "1h") isn't known here. Cache it for 5 minutes.`;
  return badRequest('unbounded_request', message, 'cache_control');
}

export function badRequest(code: string, message: string, parameter: string | null = null, status = 400): Refusal {
  return { status, type: 'invalid_request_error', code, message, parameter };
}

/** The provider could not be reached or broke off. */
export function providerTrouble(status: number, code: string, message: string): Refusal {
  return { status, type: 'provider_error', code, message };
}
