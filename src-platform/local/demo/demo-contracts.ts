/**
 * Contracts and exchange rates of the demo clients, entered by the functions that an admin uses. The dozen's retainers are round sums
 * that give the margin wished for at the AI cost of the last 30 days, so that AI moves their margins. Those of the others, who hardly
 * call, are what agencies charge; their other direct cost makes the margin. The rates are invented, and say so.
 */
import { Big } from 'big.js';
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { tenantId } from '../register-platform.ts';
import { seededRandom } from '../seeded-random.ts';
import type { DemoTenant } from './demo-tenant.ts';

/** The margin a demo client's contract is made for, in percent of revenue; null: it has none. */
interface Wish {
  readonly margin: number | null;
  /** AI cost above this part of the usual month is charged with a markup of 25 %. */
  readonly includedPercent?: bigint;
  /** What the client pays whatever it calls, about so many rupees; undefined: the retainer follows from its AI cost. */
  readonly retainerInr?: number;
}

/** Most are in the band of a shared platform, one earns what custom builds do, one loses money, one has no contract. */
const WISHES: Readonly<Record<string, Wish>> = {
  'salon-a': { margin: 72 },
  'clinic-b': { margin: 68 },
  'agency-c': { margin: 66 },
  'kaveri-logistics': { margin: -24 },
  'lotus-stay': { margin: 75 },
  'vidya-tutors': { margin: 25 },
  'spice-route': { margin: 78 },
  'dharma-legal': { margin: 57 },
  'greenleaf-pharmacy': { margin: null },
  'hudson-realty': { margin: 70, includedPercent: 90n },
  'spree-werkzeug': { margin: 67 },
  'himal-treks': { margin: 52 },
};

/** About what a unit cost in USD; the months differ a little. */
const INR = '0.0118';
const USD_PER_UNIT: Readonly<Record<string, string>> = { INR, EUR: '1.16', NPR: '0.0074', AED: '0.2723' };
const RATE_SOURCE = 'Demo rate, invented: no market quoted it';
const REASON = 'Demonstration';
const MONTHS = 13;
/** Of the retainer. */
const OTHER_COST_SHARE = 0.08;
const MONTHS_SINCE_RENEWAL = 4;

/** Enters what is missing: today's rates, past months' where a currency has none yet, a contract for each tenant that never had one. */
export async function enterDemoContracts(admin: Client, tenants: readonly DemoTenant[], now: Date): Promise<void> {
  await enterRates(
    admin,
    new Set(tenants.map(({ currency }) => currency).filter((currency) => currency !== 'USD')),
    now,
  );
  await enterContracts(admin, tenants, now);
}

async function enterRates(admin: Client, currencies: ReadonlySet<string>, now: Date): Promise<void> {
  const known = await admin.query<{ currency: string; last: string }>(
    'select currency, max(on_date)::text as last from platform.fx_rates group by 1',
  );
  const lastOf = new Map(known.rows.map(({ currency, last }) => [currency, last]));
  const today = dayOf(now);
  for (const currency of currencies) {
    const last = lastOf.get(currency);
    // Newest first: a month that is over takes a rate only while it and those before it have none.
    const days = last === undefined ? [today, ...monthEnds(now)] : last < today ? [today] : [];
    for (const day of days) {
      await admin.query('select platform.set_fx_rate($1, $2, $3, $4, null, $5, $6)', [
        currency,
        day,
        rateOn(currency, day),
        RATE_SOURCE,
        randomUUID(),
        REASON,
      ]);
    }
  }
}

async function enterContracts(admin: Client, tenants: readonly DemoTenant[], now: Date): Promise<void> {
  const found = await admin.query<{ id: string; usual: string }>(
    `select t.id, coalesce(sum(u.cost_nanousd), 0)::bigint::text as usual
     from platform.tenants t
     left join platform.usage_tenant_daily u on u.tenant_id = t.id and u.day >= ($2::timestamptz at time zone 'UTC')::date - 30
     where t.id = any ($1::uuid[]) and not exists (select from platform.contracts c where c.tenant_id = t.id)
     group by t.id`,
    [tenants.map(({ slug }) => tenantId(slug)), now],
  );
  const usualOf = new Map(found.rows.map(({ id, usual }) => [id, BigInt(usual)]));
  const rows = tenants.flatMap((tenant) => {
    const usual = usualOf.get(tenantId(tenant.slug));
    return usual === undefined ? [] : contractsOf(tenant, usual, now);
  });
  await admin.query(
    `select platform.set_contract(c.tenant_id, c.terms, null, c.key, $2)
     from jsonb_to_recordset($1::jsonb) as c (tenant_id uuid, terms jsonb, key uuid)`,
    [JSON.stringify(rows), REASON],
  );
}

/** The contracts of one tenant: since 13 months, renewed a few months ago at a higher retainer. */
function contractsOf(tenant: DemoTenant, usualNanoUsd: bigint, now: Date): object[] {
  const wish = WISHES[tenant.slug] ?? inventWish(tenant.slug);
  if (wish.margin === null) return [];
  // Without a past there is a dollar's worth to come.
  const usual = usualNanoUsd > 1_000_000_000n ? usualNanoUsd : 1_000_000_000n;
  const rate = tenant.currency === 'USD' ? '1' : (USD_PER_UNIT[tenant.currency] ?? '1');
  const cost = Big(usual.toString()).div(1_000_000_000).div(rate);
  const kept = Big(wish.margin).div(100);
  const retainer = round(
    wish.retainerInr === undefined
      ? cost.div(Big(1).minus(kept).minus(OTHER_COST_SHARE))
      : Big(wish.retainerInr).times(INR).div(rate),
  );
  const otherShare =
    wish.retainerInr === undefined ? Big(OTHER_COST_SHARE) : Big(1).minus(kept).minus(cost.div(retainer));
  const before = round(retainer.times('0.85'));
  const terms = (validFrom: string, amount: Big): object => ({
    validFrom,
    currency: tenant.currency,
    retainerMinor: Number(amount.times(100).toFixed(0)),
    otherDirectCostMinor: Number(round(amount.times(otherShare)).times(100).toFixed(0)),
    targetMarginBp: 6_500,
    includedAiNanoUsd: wish.includedPercent === undefined ? null : Number((usual * wish.includedPercent) / 100n),
    overageMarkupBp: wish.includedPercent === undefined ? null : 2_500,
  });
  const starts = [
    terms(monthsAgo(now, MONTHS - 1), before),
    ...(before.eq(retainer) ? [] : [terms(monthsAgo(now, MONTHS_SINCE_RENEWAL), retainer)]),
  ];
  return starts.map((contract) => ({ tenant_id: tenantId(tenant.slug), terms: contract, key: randomUUID() }));
}

function inventWish(slug: string): Wish {
  const random = seededRandom(`contract ${slug}`);
  const kind = random();
  if (kind < 0.03) return { margin: null };
  const retainerInr = 15_000 + Math.round(random() * 20_000);
  if (kind < 0.05) return { margin: -20 + Math.round(random() * 15), retainerInr };
  if (kind < 0.12) return { margin: 30 + Math.round(random() * 15), retainerInr };
  if (kind < 0.22) return { margin: 50 + Math.round(random() * 14), retainerInr };
  return { margin: 66 + Math.round(random() * 13), retainerInr };
}

/** Two significant digits, as people agree on. */
function round(amount: Big): Big {
  const rounded = amount.prec(2, Big.roundHalfUp);
  return rounded.lt('0.01') ? Big('0.01') : rounded;
}

/** The same for the same day: up to 1.5 % beside the usual one, by the month. */
function rateOn(currency: string, day: string): string {
  const random = seededRandom(`rate ${currency} ${day.slice(0, 7)}`);
  const usual = Big(USD_PER_UNIT[currency] ?? '1');
  return usual
    .times(Big(10_000 + Math.round((random() - 0.5) * 300)).div(10_000))
    .round(8)
    .toFixed();
}

const dayOf = (instant: Date): string => instant.toISOString().slice(0, 10);

function monthsAgo(now: Date, months: number): string {
  return dayOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)));
}

/** The last days of the months before this one, newest first. */
function monthEnds(now: Date): string[] {
  return Array.from({ length: MONTHS - 1 }, (_, index) =>
    dayOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - index, 0))),
  );
}
