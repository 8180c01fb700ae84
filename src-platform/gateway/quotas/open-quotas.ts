import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { PolicyCache } from '../policy/policy-cache.ts';
import { createQuotaDesk, type QuotaDesk } from './quota-desk.ts';
import { selectCounted } from './quota-queries.ts';
import { createRedisQuotaStore } from './redis-quota-store.ts';
import { createSessionDesk } from './session-desk.ts';

export interface Quotas {
  readonly desk: QuotaDesk;
  close(): void;
}

export interface QuotasPorts {
  readonly redisUrl: string;
  readonly gatewayId: string;
  readonly pool: Pool;
  readonly policy: Pick<PolicyCache, 'loadTenants'>;
  readonly monotonic: () => number;
  readonly databaseNow: () => number;
  readonly onTrouble: (error: unknown) => void;
}

const SWEEP_EVERY_MS = 250;

/** Quotas counted together with the other gateways over Redis, or alone while that is away. */
export function openQuotas(ports: QuotasPorts): Quotas {
  const { redisUrl, gatewayId, pool, policy, monotonic, databaseNow, onTrouble } = ports;
  const store = createRedisQuotaStore({
    redisUrl,
    gatewayId,
    monotonic,
    databaseNow,
    onRecall: (tenantId, quota) => desk.recalled(tenantId, quota),
    onTrouble,
  });
  const renewing = new Set<string>();
  const desk = createQuotaDesk({
    store,
    sessions: createSessionDesk({ store, monotonic }),
    monotonic,
    pause: (ms) => pause(ms),
    counted: (tenantId, quota, windowStart) => selectCounted(pool, tenantId, quota, windowStart),
    onPeriodOver: (tenantId) => {
      if (renewing.has(tenantId)) return;
      renewing.add(tenantId);
      policy
        .loadTenants([tenantId])
        .catch(onTrouble)
        .finally(() => renewing.delete(tenantId));
    },
  });
  const timer = setInterval(() => desk.sweep(databaseNow()), SWEEP_EVERY_MS);
  return {
    desk,
    close: () => {
      clearInterval(timer);
      store.close();
    },
  };
}
