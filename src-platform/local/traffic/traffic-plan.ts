import { z } from 'zod';

/** What the traffic process is to do; handed to it in a file of mode 0600, because it holds keys. */
export const trafficPlanSchema = z.object({
  gateway: z.url(),
  tenants: z.array(
    z.object({
      slug: z.string(),
      key: z.string(),
      callsPerSecond: z.number().positive(),
      /** False: the rate stays as it is, without bursts. */
      bursts: z.boolean(),
      /** When its cap refuses it. */
      asksFor: z.object({ amountUsd: z.string(), reason: z.string() }).optional(),
      workflows: z
        .array(
          z.object({
            slug: z.string(),
            weight: z.number().positive(),
            model: z.string(),
            /** The wire format that its program speaks. */
            format: z.enum(['chat', 'responses', 'messages']),
            inputTokens: z.number().int().positive(),
            outputTokens: z.number().int().positive(),
            streaming: z.number().min(0).max(1),
          }),
        )
        .min(1),
    }),
  ),
});

export type TrafficPlan = z.infer<typeof trafficPlanSchema>;
export type TrafficTenant = TrafficPlan['tenants'][number];
export type TrafficFormat = TrafficWorkflow['format'];
export type TrafficWorkflow = TrafficTenant['workflows'][number];
