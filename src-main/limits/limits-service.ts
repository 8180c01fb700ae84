import type {
  AddCapInput,
  Downgrade,
  Quota,
  RemoveCapInput,
  ScopedCap,
  SetDowngradeInput,
  SetModelsInput,
  SetQuotaInput,
} from '../contract/limits.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { DowngradesRepository } from './downgrades-repository.ts';
import type { ClientModels, ModelsRepository } from './models-repository.ts';
import type { QuotasRepository } from './quotas-repository.ts';
import type { ScopedCapsRepository } from './scoped-caps-repository.ts';

/**
 * What limits a client besides the caps in its row. Throws OperatorError: NOT_FOUND, FORBIDDEN, BAD_REQUEST, CONFLICT (it is there already, or was
 * changed meanwhile), or UNAVAILABLE: then the same can be sent again under its idempotency key.
 */
export interface LimitsService {
  caps(tenantId: string): Promise<{ caps: ScopedCap[]; asOf: Date }>;
  addCap(input: AddCapInput): Promise<{ tenantId: string; capId: string; version: number }>;
  removeCap(input: RemoveCapInput): Promise<{ tenantId: string; capId: string; version: number }>;
  quotas(tenantId: string): Promise<{ quotas: Quota[]; asOf: Date }>;
  setQuota(input: SetQuotaInput): Promise<{ tenantId: string; quota: Quota['quota']; version: number }>;
  downgrades(tenantId: string): Promise<{ downgrades: Downgrade[]; models: string[]; asOf: Date }>;
  setDowngrade(input: SetDowngradeInput): Promise<{ tenantId: string; model: string; version: number }>;
  models(tenantId: string): Promise<ClientModels>;
  setModels(input: SetModelsInput): Promise<{ tenantId: string; version: number }>;
}

export interface LimitsRepositories {
  readonly caps: ScopedCapsRepository;
  readonly quotas: QuotasRepository;
  readonly downgrades: DowngradesRepository;
  readonly models: ModelsRepository;
}

/** `changed` hears of each tenant whose caps changed, so that its row need not wait for the notification. */
export function createLimitsService(
  { caps, quotas, downgrades, models }: LimitsRepositories,
  changed: (tenantId: string) => void,
): LimitsService {
  async function run<Answer extends object>(tenantId: string, change: Promise<Answer>) {
    try {
      return { tenantId, ...(await change) };
    } finally {
      // Also after a failure: a conflict means that the window shows what is not there any more.
      changed(tenantId);
    }
  }
  function present<Found>(found: Found | undefined): Found {
    if (found !== undefined) return found;
    throw new OperatorError('NOT_FOUND', 'There is no such client among those you may see.');
  }
  return {
    caps: async (tenantId) => present(await caps.list(tenantId)),
    quotas: async (tenantId) => present(await quotas.list(tenantId)),
    setQuota: async (input) => ({
      tenantId: input.tenantId,
      quota: input.quota,
      version: (await quotas.set(input)).version,
    }),
    downgrades: async (tenantId) => present(await downgrades.list(tenantId)),
    setDowngrade: async (input) => ({
      tenantId: input.tenantId,
      model: input.model,
      version: (await downgrades.set(input)).version,
    }),
    models: async (tenantId) => present(await models.find(tenantId)),
    setModels: async (input) => ({ tenantId: input.tenantId, version: (await models.set(input)).version }),
    addCap: (input) => run(input.tenantId, caps.add(input)),
    removeCap: (input) => run(input.tenantId, caps.remove(input)),
  };
}
