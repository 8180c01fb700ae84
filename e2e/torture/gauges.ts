import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from './site.ts';

/** What a gateway's live stream says first. Amounts in nano-USD. */
interface Frame {
  readonly stores: { readonly postgres: boolean; readonly redis: boolean };
  readonly tenants: readonly { readonly caps: readonly GaugeCap[] }[];
}

interface GaugeCap {
  readonly capId: string;
  readonly committed: number;
  readonly held: number;
}

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Milliseconds until every gateway's gauges are the ledger's sums, and nothing is held; NaN: not within half a minute. */
export async function untilGaugesAgree(site: Site, tenantIds: ReadonlySet<string>): Promise<number> {
  return untilAll(site, async () => {
    const spent = await spentByCap(site, tenantIds);
    return ({ tenants }) => {
      const caps = new Map(tenants.flatMap((tenant) => tenant.caps.map((cap) => [cap.capId, cap])));
      return [...spent].every(([capId, cost]) => {
        const cap = caps.get(capId);
        // A cap that nobody asked for money yet has no period, and no figures.
        return cap === undefined ? cost === 0 : cap.committed === cost && cap.held === 0;
      });
    };
  });
}

/** Milliseconds until every gateway's stream says that it has, or has not, this store; NaN: not within half a minute. */
export function untilGaugesSay(site: Site, store: keyof Frame['stores'], there: boolean): Promise<number> {
  return untilAll(site, () => Promise.resolve(({ stores }) => stores[store] === there));
}

async function untilAll(site: Site, expected: () => Promise<(frame: Frame) => boolean>): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < PATIENCE_MS) {
    const fits = await expected();
    const frames = await Promise.all(
      site.gateways.map(({ address }) => firstFrame(address, site.operator.gatewayToken).catch(() => undefined)),
    );
    if (frames.every((frame) => frame !== undefined && fits(frame))) return Math.round(performance.now() - startedAt);
    await pause(LOOK_EVERY_MS);
  }
  return Number.NaN;
}

async function spentByCap(site: Site, tenantIds: ReadonlySet<string>): Promise<Map<string, number>> {
  const { rows } = await site.db.owner.query<{ cap_id: string; cost: string }>(
    `select c.id as cap_id, coalesce(sum(u.cost_nanousd), 0)::text as cost
     from platform.caps c left join platform.usage_records u on u.tenant_id = c.tenant_id
     where c.tenant_id = any ($1) group by 1`,
    [[...tenantIds]],
  );
  return new Map(rows.map(({ cap_id: id, cost }) => [id, Number(cost)]));
}

async function firstFrame(address: string, token: string): Promise<Frame | undefined> {
  const leave = new AbortController();
  try {
    const answer = await fetch(`${address}/admin/v1/live`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([leave.signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    if (!answer.ok) return undefined;
    let text = '';
    for await (const part of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += part;
      if (text.includes('\n')) break;
    }
    return JSON.parse(text.slice(0, text.indexOf('\n'))) as Frame;
  } finally {
    leave.abort();
  }
}
