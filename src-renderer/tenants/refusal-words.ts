import type { RefusalExplanation, RefusalScope } from '../../src-main/contract/tenants.ts';
import { formatInZone } from '../ui/format-instant.ts';
import { formatUsd } from '../ui/format-usd.ts';

const REASONS: Readonly<Record<string, string>> = {
  tenant_month_cap: 'monthly cap reached',
  tenant_day_cap: 'daily cap reached',
  key_month_cap: 'monthly cap of the key reached',
  key_day_cap: 'daily cap of the key reached',
  workflow_month_cap: 'monthly cap of the workflow reached',
  workflow_day_cap: 'daily cap of the workflow reached',
  key_revoked: 'revoked or expired key',
  unpriced_model: 'model without a price',
  model_not_allowed: 'model not allowed',
  budget_unverifiable: 'budget could not be verified',
  tenant_suspended: 'client suspended',
  tenant_archived: 'client archived',
};

/** Why, in a few words, for a line of the list. */
export function reasonOf(type: string, code: string | null): string {
  return REASONS[code ?? type] ?? (code ?? type).replaceAll('_', ' ');
}

/** "monthly cap", "daily cap of the key website bot, td_…9f3c". */
export function scopeName(
  { scope, period }: Pick<RefusalScope, 'scope' | 'period'>,
  { keyLabel, workflowName }: Pick<RefusalExplanation, 'keyLabel' | 'workflowName'>,
): string {
  const cap = period === 'month' ? 'monthly cap' : 'daily cap';
  if (scope === 'tenant') return cap;
  const name = scope === 'key' ? keyLabel : workflowName;
  return `${cap} of the ${scope}${name === null ? '' : ` ${name}`}`;
}

/** What fired, and what would help; each a sentence or two. */
export interface RefusalWords {
  rule: string;
  remedy: string;
}

/** `timeZone`: the client's. */
export function refusalWords(explained: RefusalExplanation, timeZone: string): RefusalWords {
  const scope = explained.scopes.find(({ refused }) => refused);
  if (scope !== undefined) return budgetWords(explained, scope, timeZone);
  return (OTHERS[explained.code ?? explained.type] ?? unknownWords)(explained, timeZone);
}

function budgetWords(explained: RefusalExplanation, scope: RefusalScope, timeZone: string): RefusalWords {
  const { estimateNanoUsd: estimate, remainingNanoUsd: remaining } = explained;
  const name = scopeName(scope, explained);
  const most = estimate === null ? 'more than was left' : `up to ${formatUsd(estimate)}`;
  const left =
    remaining === null ? '' : `, and ${formatUsd(remaining)} of ${formatUsd(scope.limitNanoUsd)} could be had`;
  return {
    rule: `The ${name} had no room for this call: it could cost ${most}${left}.`,
    remedy:
      explained.passesNow === true
        ? 'A call like it would pass now.'
        : `Raise the cap, or wait: it resets ${formatInZone(scope.periodEnd, timeZone)}.`,
  };
}

type Say = (explained: RefusalExplanation, timeZone: string) => RefusalWords;

const OTHERS: Readonly<Record<string, Say>> = {
  unpriced_model: ({ model }) => ({
    rule: `${model === null ? 'The model' : `“${model}”`} had no price in the price book, so what the call could cost had no bound.`,
    remedy: 'An admin adds a price for the model, or the client calls one that has a price.',
  }),
  model_not_allowed: ({ model }) => ({
    rule: `The client may not use ${model === null ? 'the model' : `“${model}”`}: it is not on its list of models.`,
    remedy: 'An admin adds the model to the list, or the client calls one that is on it.',
  }),
  key_revoked: ({ keyLabel, keyRevokedAt }, timeZone) => ({
    rule: `The call came with ${keyLabel === null ? 'a key' : `the key ${keyLabel},`} that ${
      keyRevokedAt === null ? 'is over' : `was revoked ${formatInZone(keyRevokedAt, timeZone)}`
    }.`,
    remedy: 'Give the client a valid key, and find the program that still uses this one.',
  }),
  tenant_suspended: inactive,
  tenant_archived: inactive,
  budget_unverifiable: () => ({
    rule: 'The gateway could not ask the database whether the budget allows this call, so it was not sent.',
    remedy: 'Such calls pass again by themselves when the gateway reaches its database. No cap has to change.',
  }),
};

function inactive({ tenantStatus, code }: RefusalExplanation): RefusalWords {
  const was = code === 'tenant_archived' ? 'archived' : 'suspended';
  return {
    rule: `The client was ${was}: none of its calls are let through.`,
    remedy:
      tenantStatus === 'active' ? 'It is active again: calls pass.' : 'Its calls pass when the client is active again.',
  };
}

function unknownWords({ httpStatus, type, code }: RefusalExplanation): RefusalWords {
  return {
    rule: `The gateway answered ${httpStatus}: ${reasonOf(type, code)}.`,
    remedy: 'No cap has to do with it.',
  };
}
