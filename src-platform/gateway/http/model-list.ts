import type { IncomingHttpHeaders } from 'node:http';
import { mayUse } from '../policy/model-permission.ts';
import type { Policy, TenantPolicy } from '../policy/policy.ts';
import type { Price } from '../pricing/price.ts';

/** The models that this tenant may ask for and that have a price with a provider that is registered, each once: what nobody priced can't be called. */
export function modelList(policy: Policy, tenant: TenantPolicy, headers: IncomingHttpHeaders): object {
  const models = modelsOf(policy, tenant);
  if (!isAnthropic(headers)) return { object: 'list', data: models.map(openAiModel) };
  return {
    data: models.map(anthropicModel),
    has_more: false,
    first_id: models[0]?.model ?? null,
    last_id: models.at(-1)?.model ?? null,
  };
}

/** Undefined: there is no such model. */
export function modelNamed(
  policy: Policy,
  tenant: TenantPolicy,
  name: string,
  headers: IncomingHttpHeaders,
): object | undefined {
  const found = modelsOf(policy, tenant).find(({ model }) => model === name);
  if (found === undefined) return undefined;
  return isAnthropic(headers) ? anthropicModel(found) : openAiModel(found);
}

function modelsOf({ prices, providers }: Policy, tenant: TenantPolicy): Price[] {
  const models = new Map<string, Price>();
  for (const price of prices.all()) {
    if (!providers.has(price.provider) || !mayUse(tenant.models, price.model)) continue;
    if (!models.has(price.model)) models.set(price.model, price);
  }
  return [...models.values()];
}

/** Both families of formats have their list at the same address. */
function isAnthropic(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}

function openAiModel({ model, provider }: Price): object {
  return { id: model, object: 'model', created: 0, owned_by: provider };
}

/** When a model came out is not in the price book. */
function anthropicModel({ model }: Price): object {
  return { type: 'model', id: model, display_name: model, created_at: '1970-01-01T00:00:00Z' };
}
