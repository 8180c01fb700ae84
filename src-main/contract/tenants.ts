import { z } from 'zod';
import { base } from './errors.ts';
import { nanoUsd } from './money.ts';

export const workflowUsage = z.object({
  workflowId: z.uuid(),
  slug: z.string(),
  name: z.string(),
  calls: z.int(),
  failedCalls: z.int(),
  costNanoUsd: nanoUsd,
});

export const refusal = z.object({
  requestId: z.string(),
  refusedAt: z.date(),
  type: z.string(),
  code: z.string().nullable(),
  model: z.string().nullable(),
  workflowSlug: z.string().nullable(),
});

export const tenantDetail = z.object({
  tenantId: z.uuid(),
  anchorDay: z.int(),
  /** Usage of the running calendar month in the tenant's zone. */
  month: z.string(),
  workflows: z.array(workflowUsage),
  lastRefusals: z.array(refusal),
  /** When the database answered. */
  asOf: z.date(),
});

export const tenants = {
  detail: base.input(z.object({ tenantId: z.uuid() })).output(tenantDetail),
};

export type TenantDetail = z.infer<typeof tenantDetail>;
