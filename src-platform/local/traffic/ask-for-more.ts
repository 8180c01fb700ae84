import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { TrafficTenant } from './traffic-plan.ts';

/** A tenant's own program that asks for a higher cap when its calls are refused, as `POST /v1/budget/requests` is meant. */
export interface AskForMore {
  /** A call of this tenant was refused: asks, unless a request is open or was declined a while ago. Never rejects. */
  refused(tenant: TrafficTenant): Promise<void>;
}

const budgetSchema = z.object({
  requests: z.array(z.object({ status: z.string(), decided_at: z.string().nullable() })).nullable(),
});

const LOOK_AGAIN_MS = 4_000;
const AFTER_DECLINE_MS = 10 * 60_000;

export function createAskForMore(client: Dispatcher, now: () => number): AskForMore {
  const nextLook = new Map<string, number>();

  async function wants(tenant: TrafficTenant): Promise<boolean> {
    const { body } = await client.request({
      method: 'GET',
      path: '/v1/budget',
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    const [latest] = budgetSchema.parse(await body.json()).requests ?? [];
    if (latest?.status === 'open') return false;
    const declined =
      latest?.status === 'declined' && Date.now() - Date.parse(latest.decided_at ?? '') < AFTER_DECLINE_MS;
    return !declined;
  }

  return {
    async refused(tenant) {
      const { asksFor } = tenant;
      if (asksFor === undefined || (nextLook.get(tenant.slug) ?? 0) > now()) return;
      nextLook.set(tenant.slug, now() + LOOK_AGAIN_MS);
      try {
        if (!(await wants(tenant))) return;
        const { body } = await client.request({
          method: 'POST',
          path: '/v1/budget/requests',
          headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ amount_usd: asksFor.amountUsd, reason: asksFor.reason }),
        });
        await body.dump();
      } catch {
        // The gateway is away: the next refusal asks again.
      }
    },
  };
}
