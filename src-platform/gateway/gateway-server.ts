import type { FastifyInstance } from 'fastify';
import type { RefusedCall } from './admission/refusal-notes.ts';
import type { CallHandler } from './calls/call-handler.ts';
import type { ProviderPools } from './calls/provider-pools.ts';
import type { DatabasePools } from './database-pools.ts';
import type { GatewayHome } from './gateway-home.ts';
import { errorFields, type GatewayLog } from './gateway-log.ts';
import { createBudgetRequests } from './http/budget-requests.ts';
import { createTokenCount } from './http/count-tokens.ts';
import { createServer } from './http/create-server.ts';
import type { SettledCalls } from './ledger/settled-calls.ts';
import { selectOperatorOfToken, selectRefusalOfToken } from './live/cap-queries.ts';
import type { LiveState } from './live/live-state.ts';
import type { Drain } from './operations/drain.ts';
import { createMetricText } from './operations/metric-text.ts';
import { createReconciler, type Reconciler } from './operations/reconciler.ts';
import { createStanding, type StandingPorts } from './operations/standing.ts';
import type { PolicyRenewal } from './policy/policy-renewal.ts';
import type { QuotaDesk } from './quotas/quota-desk.ts';

/** The gateway's parts that its HTTP side speaks for. */
export interface GatewayParts extends Omit<StandingPorts, 'journalFolder' | 'openStreams' | 'reconciler' | 'draining'> {
  readonly home: GatewayHome;
  readonly metricsToken: Buffer | undefined;
  readonly log: GatewayLog;
  readonly pools: DatabasePools;
  readonly renewal: PolicyRenewal;
  readonly live: LiveState;
  readonly settledCalls: SettledCalls;
  readonly monotonic: () => number;
  readonly newId: () => string;
  readonly providers: ProviderPools;
  readonly quotas: QuotaDesk;
  readonly drain: Drain;
  readonly onRefused: (call: RefusedCall) => void;
  readonly handleCall: CallHandler;
}

/** The HTTP side, not listening yet, with what it tells of the gateway itself; the reconciler is to be stopped. */
export function createGatewayServer(parts: GatewayParts): { app: FastifyInstance; reconciler: Reconciler } {
  const { about, home, log, pools, policy, live, feed, counts, drain, providers, clock } = parts;
  const trouble =
    (event: string) =>
    (error: unknown): void =>
      log.warn(event, errorFields(error));
  const tenantIds = (): readonly string[] => Array.from(policy.tenants(), ({ id }) => id);
  const reconciler = createReconciler({
    pool: pools.recovery,
    tenantIds,
    monotonic: parts.monotonic,
    onDrift: ({ tenantId, figure, wanted, found }) =>
      log.error('a figure differs from the ledger', {
        'tenantdesk.tenant.id': tenantId,
        figure,
        wanted_nanousd: `${wanted}`,
        found_nanousd: `${found}`,
      }),
    onTrouble: trouble('figures not compared'),
  });
  const standing = createStanding({
    ...parts,
    journalFolder: home.journalFolder,
    reconciler,
    openStreams: () => providers.openStreams,
    draining: () => drain.draining,
  });
  const app = createServer({
    tenants: {
      policy,
      live,
      settledCalls: parts.settledCalls,
      databaseNow: () => clock.now(),
      newId: parts.newId,
      onRefused: parts.onRefused,
      onAnyRefusal: (refusal) => counts.refused(refusal),
      handleCall: parts.handleCall,
      countTokens: createTokenCount({ policy, providers, quotas: parts.quotas, databaseNow: () => clock.now() }),
      budgetRequests: createBudgetRequests({
        pool: pools.policy,
        gatewayId: about.id,
        onTrouble: trouble('requests not reached'),
      }),
    },
    admin: {
      feed,
      operatorOfToken: (digest) => selectOperatorOfToken(pools.policy, digest),
      refusalOfToken: (digest, requestId) => selectRefusalOfToken(pools.policy, digest, requestId),
      onAccessChanged: parts.renewal.onAccessChanged,
      reconcile: (ids) => reconciler.reconcile(ids),
      onTrouble: trouble('operator not read'),
      status: standing.status,
    },
    operations: {
      readiness: standing.readiness,
      onAsked: () => drain.asked(),
      metrics: createMetricText(counts, standing.figures),
      metricsToken: parts.metricsToken,
      tenantIds,
    },
    onError: (error) => log.error('request failed', errorFields(error)),
  });
  return { app, reconciler };
}
