import { z } from 'zod';
import { base } from './errors.ts';

/** A model that a client asked for and that has no price: its calls are refused. */
export const unpricedModel = z.object({
  tenantId: z.uuid(),
  tenantName: z.string(),
  /** Empty: no provider of the platform is known to have it. */
  provider: z.string(),
  model: z.string(),
  /** Refused calls that were noted. */
  calls: z.int(),
  firstAskedAt: z.date(),
  lastAskedAt: z.date(),
});

export const unpricedModels = z.object({
  /** One a client and model, the newest call first; models that got a price since are not in it. */
  models: z.array(unpricedModel),
  /** There are more than these. */
  more: z.boolean(),
  asOf: z.date(),
});

export const prices = {
  /** Models without a price, of all clients this operator may see. */
  unpriced: base.output(unpricedModels),
};

export type UnpricedModel = z.infer<typeof unpricedModel>;
export type UnpricedModels = z.infer<typeof unpricedModels>;
