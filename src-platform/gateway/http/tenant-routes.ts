import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { scopeNames } from '../admission/scope-names.ts';
import { zonedIso } from '../admission/zoned-iso.ts';
import { badRequest, keyRefused, type Refusal } from '../admission/refusal.ts';
import type { RefusedCall } from '../admission/refusal-notes.ts';
import type { SettledCalls } from '../ledger/settled-calls.ts';
import type { LiveState } from '../live/live-state.ts';
import { answerRefusal } from '../calls/answer-refusal.ts';
import { formatOf } from '../formats/formats.ts';
import { authenticate, type Caller } from '../policy/authenticate.ts';
import type { CapPolicy, Policy, TenantPolicy } from '../policy/policy.ts';
import { usdText } from '../pricing/money-text.ts';
import type { BudgetRequests } from './budget-requests.ts';
import type { TokenCount } from './count-tokens.ts';
import { modelList, modelNamed } from './model-list.ts';

export interface TenantRoutesPorts {
  readonly policy: Policy;
  readonly live: LiveState;
  readonly settledCalls: SettledCalls;
  readonly databaseNow: () => number;
  readonly newId: () => string;
  /** A key that is over was shown: the operator should see that somebody still uses it. */
  readonly onRefused: (call: RefusedCall) => void;
  readonly budgetRequests: BudgetRequests;
  readonly countTokens: TokenCount;
}

const REQUEST_ID = 'x-tenantdesk-request-id';

/** The tenants' side but for the calls themselves (call-receiver.ts). Who calls is known before a body is read; every answer carries its request id. */
export function addTenantRoutes(app: FastifyInstance, ports: TenantRoutesPorts): void {
  const callers = new WeakMap<FastifyRequest, { readonly caller: Caller; readonly requestId: string }>();

  app.addHook('onRequest', async (request, reply) => {
    const requestId = ports.newId();
    reply.header(REQUEST_ID, requestId);
    const found = authenticate(ports.policy, request.raw.rawHeaders, ports.databaseNow());
    if (found.kind === 'ambiguous') {
      return refuse(request, reply, badRequest('ambiguous_credentials', 'Send one API key in one header.'));
    }
    if (found.kind === 'failed') {
      const refusal = keyRefused(found.code);
      const { caller } = found;
      if (caller !== undefined) ports.onRefused({ caller, requestId, workflowId: null, model: null, refusal });
      return refuse(request, reply, refusal);
    }
    callers.set(request, { caller: found.caller, requestId });
    return undefined;
  });

  function callerOf(request: FastifyRequest): { readonly caller: Caller; readonly requestId: string } {
    const found = callers.get(request);
    if (found === undefined) throw new Error('A request reached its handler without a caller.');
    return found;
  }

  app.get('/v1/models', (request) => modelList(ports.policy, callerOf(request).caller.tenant, request.headers));

  app.get<{ Params: { model: string } }>('/v1/models/:model', (request, reply): FastifyReply => {
    const { model } = request.params;
    const found = modelNamed(ports.policy, callerOf(request).caller.tenant, model, request.headers);
    if (found !== undefined) return reply.send(found);
    const message = `There is no model "${model.slice(0, 200)}" here. GET /v1/models lists those that there are.`;
    return refuse(request, reply, badRequest('model_not_found', message, 'model', 404));
  });

  app.post('/v1/messages/count_tokens', async (request, reply) => {
    const text = typeof request.body === 'string' ? request.body : '';
    const counted = await ports.countTokens({ ...callerOf(request), headers: request.headers, text });
    if ('refusal' in counted) return refuse(request, reply, counted.refusal);
    return reply.code(counted.status).type(counted.contentType).send(counted.body);
  });

  app.get('/v1/budget', (request) => {
    const { tenant } = callerOf(request).caller;
    const caps = tenant.caps.map((cap) => budgetOf(tenant, cap));
    const { counted, sessions } = tenant.quotas;
    const quotas = [
      ...counted.map(({ quota, limit }) => ({ quota, limit })),
      ...(sessions === null ? [] : [{ quota: 'concurrent_sessions', limit: sessions }]),
    ];
    const limits = { quotas, max_tokens_per_message: tenant.maxTokensPerMessage };
    return ports.budgetRequests
      .latest(tenant)
      .then((requests) => ({ object: 'budget', tenant: tenant.slug, caps, ...limits, requests }));
  });

  app.post('/v1/budget/requests', (request, reply) =>
    ports.budgetRequests
      .ask(callerOf(request).caller, request.body)
      .then((asked) =>
        'refusal' in asked ? refuse(request, reply, asked.refusal) : reply.code(201).send(asked.request),
      ),
  );

  app.get<{ Params: { requestId: string } }>('/v1/usage/:requestId', (request, reply): FastifyReply => {
    const row = ports.settledCalls.find(callerOf(request).caller.tenant.id, request.params.requestId);
    if (row === undefined) {
      const message = 'No call with this request id was settled here lately. Ids are forgotten after a while.';
      return refuse(request, reply, badRequest('usage_unknown', message, 'request_id', 404));
    }
    return reply.send({
      object: 'usage',
      request_id: row.request_id,
      kind: row.kind,
      outcome: row.outcome,
      model: row.model,
      input_tokens: row.input_tokens,
      cached_input_tokens: row.cached_input_tokens,
      cache_write_tokens: row.cache_write_tokens,
      output_tokens: row.output_tokens,
      reasoning_tokens: row.reasoning_tokens,
      ...amount('cost', BigInt(row.cost_nanousd)),
    });
  });

  /** A cap as its tenant sees it; committed null: not known before the first call of the period. */
  function budgetOf(tenant: TenantPolicy, cap: CapPolicy): Record<string, unknown> {
    const known = ports.live.known(tenant.id, cap.id);
    const base = { cap_id: cap.id, scope: cap.scope, ...scopeNames(tenant, cap), period: cap.period, hard: cap.hard };
    const now = ports.databaseNow();
    if (known === undefined || known.periodEnd <= now) {
      const raised = cap.inForceUntil === null || now < cap.inForceUntil;
      return { ...base, ...amount('cap', raised ? cap.inForce : cap.limit), committed_nanousd: null };
    }
    const { committed, held } = ports.live.figures(tenant.id, cap.id, known.periodStart);
    const remaining = known.limit - committed - held;
    return {
      ...base,
      ...amount('cap', known.limit),
      ...amount('committed', committed),
      ...amount('held', held),
      ...amount('remaining', remaining > 0n ? remaining : 0n),
      period_start: zonedIso(known.periodStart, tenant.timeZone),
      resets_at: zonedIso(known.periodEnd, tenant.timeZone),
    };
  }
}

/** In the error shape of the format that is called here. */
function refuse(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  return answerRefusal(reply, formatOf(request.routeOptions.url ?? ''), refusal);
}

function amount(name: string, nanoUsd: bigint): Record<string, unknown> {
  return { [`${name}_nanousd`]: Number(nanoUsd), [`${name}_usd`]: usdText(nanoUsd) };
}
