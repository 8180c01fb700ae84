import { formatMinor, formatPercent, minorDigits } from '../ui/format-money.ts';
import { formatUsd } from '../ui/format-usd.ts';
import type { AuditChange } from './audit-change.ts';

type Fields = ReadonlyMap<string, unknown>;

/** What an entry on the agency's money says: contracts, exchange rates, model prices. Null: it is about something else, or can't be read so. */
export function moneyChange(action: string, target: string | null, before: Fields, after: Fields): AuditChange | null {
  if (action === 'contract.set') return contractChange(before, after);
  const named = target?.slice(target.indexOf(':') + 1);
  if (named === undefined) return null;
  if (action === 'fx.set') {
    const rate = after.get('usdPerUnit');
    const old = before.get('usdPerUnit');
    if (typeof rate !== 'string') return null;
    const [currency = '', day = ''] = named.split(' ');
    const source = after.get('source');
    return {
      what: `exchange rate of ${day}`,
      change: `1 ${currency} = ${typeof old === 'string' ? `$${old} → ` : ''}$${rate}`,
      more: typeof source === 'string' ? source : null,
    };
  }
  if (action !== 'price.set') return null;
  const version = after.get('price_version');
  if (typeof version !== 'number') return null;
  return { what: `price of ${named}`, change: `version ${version} of the price book`, more: null };
}

function contractChange(before: Fields, after: Fields): AuditChange | null {
  const currency = after.get('currency');
  const from = after.get('validFrom');
  if (typeof currency !== 'string' || typeof from !== 'string') return null;
  const was = before.get('currency');
  const money = (fields: Fields, name: string): string | null => {
    const amount = whole(fields.get(name));
    const of = fields === before && typeof was === 'string' ? was : currency;
    return amount === null ? null : formatMinor(amount, of, minorDigits(of));
  };
  const usd = (fields: Fields, name: string): string | null => {
    const amount = whole(fields.get(name));
    return amount === null ? null : formatUsd(amount);
  };
  const percent = (fields: Fields, name: string): string | null => {
    const bp = whole(fields.get(name));
    return bp === null ? null : formatPercent(bp);
  };
  const moved = (label: string, read: (fields: Fields) => string | null): string | null => {
    const [old, now] = [read(before), read(after)];
    if (old === now) return null;
    return `${label} ${old === null ? '' : `${old} → `}${now ?? 'none'}`;
  };
  const terms = [
    moved('retainer', (fields) => money(fields, 'retainerMinor')),
    moved('other direct cost', (fields) => money(fields, 'otherDirectCostMinor')),
    moved('target', (fields) => percent(fields, 'targetMarginBp')),
    moved('included AI cost', (fields) => usd(fields, 'includedAiNanoUsd')),
    moved('markup', (fields) => percent(fields, 'overageMarkupBp')),
    moved('until', (fields) => text(fields.get('validUntil'))),
  ].filter((part) => part !== null);
  const [first = 'the same terms', ...rest] = terms;
  return { what: `contract from ${from.slice(0, 7)}`, change: first, more: rest.length === 0 ? null : rest.join(', ') };
}

const whole = (value: unknown): bigint | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null;
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
