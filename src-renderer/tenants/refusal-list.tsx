import type { ReactNode } from 'react';
import type { TenantDetail } from '../../src-main/contract/tenants.ts';
import { formatExactly, formatSince } from '../ui/format-instant.ts';
import classes from './tenant-panel.module.css';

const REASONS: Readonly<Record<string, string>> = {
  tenant_month_cap: 'monthly cap reached',
  tenant_day_cap: 'daily cap reached',
  key_month_cap: 'cap of the key reached',
  workflow_month_cap: 'cap of the workflow reached',
  key_unknown: 'unknown key',
  key_revoked: 'revoked key',
  unpriced_model: 'model without a price',
  budget_unverifiable: 'budget could not be verified',
};

/** The newest refusals, each with the rule that fired. */
export function RefusalList({ refusals }: { refusals: TenantDetail['lastRefusals'] }): ReactNode {
  if (refusals.length === 0) return <p className={classes['quiet']}>None on record.</p>;
  return (
    <ul className={classes['refusals']}>
      {refusals.map(({ requestId, refusedAt, type, code, model, workflowSlug }) => (
        <li key={`${requestId} ${refusedAt.getTime()}`}>
          <time dateTime={formatExactly(refusedAt)} title={`${formatExactly(refusedAt)}, request ${requestId}`}>
            {formatSince(refusedAt)}
          </time>
          <span>
            {reasonOf(type, code)}
            <small>{[workflowSlug, model].filter((part) => part !== null).join(' · ')}</small>
          </span>
        </li>
      ))}
    </ul>
  );
}

function reasonOf(type: string, code: string | null): string {
  return REASONS[code ?? type] ?? (code ?? type).replaceAll('_', ' ');
}
