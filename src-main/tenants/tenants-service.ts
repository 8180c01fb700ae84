import {
  tenantActivity,
  tenantDetail,
  type RefusalExplanation,
  type TenantActivity,
  type TenantDetail,
} from '../contract/tenants.ts';
import type { CacheKind } from '../infra/cache.ts';
import { answerOrKept, createPacedKeeper, type Keeping } from '../infra/keeping.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { watchActivity, type ActivitySources } from './tenant-activity.ts';
import type { TenantsRepository } from './tenants-repository.ts';

export interface TenantsService {
  /** Throws OperatorError NOT_FOUND when this operator sees no such tenant. */
  detail(tenantId: string): Promise<TenantDetail>;
  /** Throws OperatorError NOT_FOUND; a database that is away is told in the stream. */
  watch(tenantId: string, signal?: AbortSignal): Promise<AsyncGenerator<TenantActivity, void, unknown>>;
  /** Throws OperatorError NOT_FOUND when no such refusal is on record for this operator. */
  explainRefusal(tenantId: string, requestId: string): Promise<RefusalExplanation>;
}

/** Calls and refusals each. */
const ROWS_SHOWN = 50;
/** Of the clients that were looked at, by tenant. */
const KEPT_DETAIL = { name: 'tenant-detail', schema: tenantDetail } satisfies CacheKind<unknown>;
const KEPT_ACTIVITY = { name: 'tenant-activity', schema: tenantActivity } satisfies CacheKind<unknown>;
const NO_SUCH_TENANT = 'There is no such tenant among those you may see.';

export function createTenantsService(
  repository: TenantsRepository,
  sources: Pick<ActivitySources, 'gateway' | 'clock' | 'log'> & { readonly keeping: Pick<Keeping, 'cache'> },
): TenantsService {
  const { cache } = sources.keeping;

  async function load(tenantId: string): Promise<Omit<TenantActivity, 'trouble'> | undefined> {
    const [tenant, calls, refusals] = await Promise.all([
      repository.find(tenantId),
      repository.lastCalls(tenantId, ROWS_SHOWN),
      repository.lastRefusals(tenantId, ROWS_SHOWN),
    ]);
    return tenant && { calls, refusals, asOf: tenant.asOf };
  }

  return {
    detail: (tenantId) =>
      answerOrKept(cache, KEPT_DETAIL, tenantId, async () => {
        const tenant = await repository.find(tenantId);
        if (tenant === undefined) throw new OperatorError('NOT_FOUND', NO_SUCH_TENANT);
        const [workflows, counters] = await Promise.all([
          repository.usageByWorkflow(tenantId, tenant.month),
          repository.counters(tenantId, tenant.month),
        ]);
        return { tenantId, ...tenant, workflows, ...counters };
      }),
    async watch(tenantId, signal) {
      const found = await repository.find(tenantId).catch((error: unknown) => {
        if (error instanceof OperatorError && error.code === 'UNAVAILABLE') return 'unknown';
        throw error;
      });
      if (found === undefined) throw new OperatorError('NOT_FOUND', NO_SUCH_TENANT);
      const keeper = createPacedKeeper(cache, sources.clock, KEPT_ACTIVITY, tenantId);
      return watchActivity(
        {
          ...sources,
          load,
          keep: (value) => value.asOf && keeper.offer({ value, asOf: value.asOf }),
          kept: () => cache.read(KEPT_ACTIVITY, tenantId)?.value,
        },
        tenantId,
        signal,
      );
    },
    async explainRefusal(tenantId, requestId) {
      const found = await repository.explainRefusal(tenantId, requestId);
      if (found) return found;
      throw new OperatorError('NOT_FOUND', 'There is no such refusal on record among the tenants you may see.');
    },
  };
}
