import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './errors.ts';
import { nanoUsd } from './money.ts';

/** What somebody should look at before calls are refused; it is there until the cap is raised, its period ends, or somebody has seen to it. */
export const alert = z.object({
  alertId: z.uuid(),
  tenantId: z.uuid(),
  tenantName: z.string(),
  timeZone: z.string(),
  cap: z.object({
    capId: z.uuid(),
    scope: z.enum(['tenant', 'key', 'workflow']),
    period: z.enum(['month', 'day']),
    /** Of a workflow's cap. */
    workflowName: z.string().nullable(),
    committedNanoUsd: nanoUsd,
    inForceNanoUsd: nanoUsd,
    periodEnd: z.date(),
  }),
  /** Percent of the cap that were passed; 0: a forecast. */
  threshold: z.int().min(0).max(100),
  /** When the cap is used up at the mean of the last seven days; null: no forecast. */
  runsOutAt: z.date().nullable(),
  raisedAt: z.date(),
});

export const alertList = z.object({
  /** The newest first. */
  alerts: z.array(alert),
  /** When the database answered; null: it has not yet. */
  asOf: z.date().nullable(),
});

export const acknowledgeAlertInput = z.object({ tenantId: z.uuid(), alertId: z.uuid(), idempotencyKey: z.uuid() });

export const alerts = {
  /** Open alerts of all tenants this operator may see; a new value at each change. */
  watch: base.output(eventIterator(alertList)),
  /** Says that somebody has seen to it: it leaves everybody's inbox. */
  acknowledge: base
    .input(acknowledgeAlertInput)
    .output(z.object({ tenantId: z.uuid(), alertId: z.uuid(), acknowledgedAt: z.date() })),
};

export type Alert = z.infer<typeof alert>;
export type AlertList = z.infer<typeof alertList>;
export type AcknowledgeAlertInput = z.infer<typeof acknowledgeAlertInput>;
