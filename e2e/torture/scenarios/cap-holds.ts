import type { Figure } from '../../bench/frame/figure.ts';
import { startLoad } from '../load.ts';
import { ledgerFigures, makeTenants, none, settle, watchSums, type Figures, type Scene } from '../scene.ts';
import { mostOver, needlessRefusals } from '../verdict.ts';

/** What an average call costs, nano-USD; caps are a part of what a tenant would spend without one. */
const AVERAGE_COST = 2_200_000;
const CALLERS = 64;
const SAID_EVERY = 5_000;

/** 64 callers, many tenants, two gateways, faults between all parts: no cap is passed, and no call is refused while there is room. */
export async function capHolds(scene: Scene): Promise<Figures> {
  const { site, scale, random, say, broken } = scene;
  const share = (scale.calls / scale.tenants) * AVERAGE_COST;
  const caps = Array.from({ length: scale.tenants }, () => BigInt(Math.round(share * (0.2 + 0.6 * random()))));
  const tenants = await makeTenants(scene, scale.tenants, (index) => caps[index] ?? 0n);
  const statuses: Record<number, number> = {};
  let made = 0;
  const sums = watchSums(scene);
  site.torment(random);
  const load = startLoad({
    scene,
    tenants,
    callers: CALLERS,
    most: scale.calls,
    onCall: ({ status }) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      made += 1;
      if (made % SAID_EVERY === 0) say(`${made} of ${scale.calls} calls ${JSON.stringify(statuses)}`);
    },
  });
  const timer = setTimeout(() => void load.stop(), scale.minutes * 60_000);
  await load.done;
  clearTimeout(timer);
  site.torment(undefined);
  await sums.stop();
  const faults = site.faults();
  const settled = await settle(scene, load.calls);

  const tenantOf = new Map(load.calls.map(({ tag, tenantId }) => [tag, tenantId]));
  const bills = Map.groupBy(site.provider.bill, ({ tag }) => tenantOf.get(tag ?? ''));
  const calls = Map.groupBy(load.calls, ({ tenantId }) => tenantId);
  const { rows } = await site.db.owner.query<{ tenant_id: string; cost: string }>(
    'select tenant_id, sum(cost_nanousd)::text as cost from platform.usage_records group by 1',
  );
  const ledger = new Map(rows.map(({ tenant_id: id, cost }) => [id, BigInt(cost)]));
  let over = 0n;
  let needless = 0;
  const uses: number[] = [];
  for (const [index, { id }] of tenants.entries()) {
    const cap = caps[index] ?? 0n;
    const bill = bills.get(id) ?? [];
    const spent = ledger.get(id) ?? 0n;
    const costs = new Map(bill.map(({ requestId, costNanoUsd }) => [requestId, costNanoUsd]));
    const own = calls.get(id) ?? [];
    const refused = needlessRefusals(own, ({ requestId }) => costs.get(requestId ?? ''), cap);
    for (const { tag, bound, error } of refused) broken(`call ${tag} of ${id}, bound ${bound}, was refused: ${error}`);
    needless += refused.length;
    for (const above of [mostOver(bill, cap), spent - cap]) {
      if (above > 0n) broken(`tenant ${id} went ${above} nano-USD over its cap of ${cap}`);
      if (above > over) over = above;
    }
    if (own.some(({ status }) => status === 402)) uses.push(Number(spent) / Number(cap));
  }
  const conditions =
    `${load.calls.length} calls, ${CALLERS} callers, ${tenants.length} tenants, ${site.gateways.length} gateways, ` +
    `answers ${JSON.stringify(statuses)}, faults ${JSON.stringify(faults)}`;
  return {
    'cap-over': none(Number(over), 'nano-USD spent and bound above any cap', conditions),
    'cap-needless-refusals': none(needless, 'calls refused although cap − bills − bounds of open calls was enough'),
    ...(uses.length === 0 ? {} : { 'cap-use': leastUse(uses) }),
    ...ledgerFigures('cap', settled),
  };
}

function leastUse(uses: readonly number[]): Figure {
  return {
    value: Number(Math.min(...uses).toFixed(4)),
    unit: 'of a cap at least used when it was reached',
    samples: uses.length,
  };
}
