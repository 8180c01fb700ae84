import type { LocalCredentials } from '../credentials-file.ts';
import type { DemoTenant, DemoWorkflow } from '../demo/demo-tenant.ts';
import { priceAt, type PricesByModel } from '../demo/history-rows.ts';
import { CLINIC_B } from '../demo/the-dozen.ts';
import { tenantKey } from '../register-platform.ts';
import type { TrafficFormat, TrafficPlan } from './traffic-plan.ts';

export interface TrafficWish {
  readonly gateway: string;
  readonly tenants: readonly DemoTenant[];
  readonly credentials: LocalCredentials;
  readonly prices: PricesByModel;
  readonly now: number;
  /** Calls a second over all tenants; undefined: what the tenants' own habits add up to. Clinic B's rate never changes: its story is timed. */
  readonly rate: number | undefined;
}

/** Live calls of the demo tenants: their workflows, small calls, the cheap models of those they use. */
export function makeTrafficPlan({ gateway, tenants, credentials, prices, now, rate }: TrafficWish): TrafficPlan {
  const others = tenants.filter((tenant) => tenant !== CLINIC_B);
  const usual = others.reduce((sum, { live }) => sum + live.callsPerSecond, 0);
  const forClinicB = tenants.length === others.length ? 0 : CLINIC_B.live.callsPerSecond;
  const factor = rate === undefined || usual === 0 ? 1 : Math.max(0.01, rate - forClinicB) / usual;
  return {
    gateway,
    tenants: tenants.map((tenant) => ({
      slug: tenant.slug,
      key: tenantKey(credentials, tenant.slug),
      callsPerSecond: tenant.live.callsPerSecond * (tenant === CLINIC_B ? 1 : factor),
      bursts: tenant !== CLINIC_B,
      ...(tenant.asksFor === undefined ? {} : { asksFor: tenant.asksFor }),
      workflows: tenant.workflows.map((workflow) => {
        const model = tenant.live.model ?? cheapest(workflow, prices, now);
        return {
          slug: workflow.slug,
          weight: workflow.weight,
          model,
          format: formatOf(priceAt(prices, model, now).provider, model),
          inputTokens: tenant.live.inputTokens,
          outputTokens: tenant.live.outputTokens,
          streaming: workflow.streaming,
        };
      }),
    })),
  };
}

function cheapest(workflow: DemoWorkflow, prices: PricesByModel, now: number): string {
  const byPrice = workflow.models
    .map(({ model }) => ({ model, output: priceAt(prices, model, now).output }))
    .toSorted((one, other) => Number(one.output - other.output));
  const first = byPrice[0];
  if (!first) throw new Error(`The workflow ${workflow.slug} uses no model.`);
  return first.model;
}

/** Programs for Claude speak Anthropic's format, those for the newest models OpenAI's responses, all others chat completions. */
function formatOf(provider: string, model: string): TrafficFormat {
  if (provider === 'anthropic') return 'messages';
  return model.startsWith('gpt-6') ? 'responses' : 'chat';
}
