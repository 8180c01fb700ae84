import type { IncomingHttpHeaders } from 'node:http';
import type { TenantPolicy } from '../policy/policy.ts';
import { isRecord, parseJson } from './json-fields.ts';
import type { WireCall, WireFormat } from './wire-format.ts';

/** How much of the tenant's monthly cap is used, committed and held, in percent; undefined: not known, or it has none. */
export type UsedShare = (tenantId: string) => number | undefined;

/**
 * The call as the tenant's policy sends it on: to a cheaper model while so much of the monthly cap is used. Every format names its
 * model in the same place; what is sent is read anew, so that bound, price and body are of the model that answers. Null: it goes as it came.
 */
export function downgraded(
  incoming: { readonly format: WireFormat; readonly text: string; readonly headers: IncomingHttpHeaders },
  call: WireCall,
  tenant: TenantPolicy,
  usedShare: UsedShare,
): WireCall | null {
  const rule = tenant.downgrades.get(call.model);
  if (rule === undefined) return null;
  const used = usedShare(tenant.id);
  if (used === undefined || used <= rule.abovePercent) return null;
  const body = parseJson(incoming.text);
  if (!isRecord(body)) return null;
  return incoming.format.read(JSON.stringify({ ...body, model: rule.toModel }), incoming.headers);
}
