import type { AuditChange } from './audit-change.ts';

type Fields = ReadonlyMap<string, unknown>;

/** What an entry on a quota, on a client's models or on a cheaper one says; null: it is about something else, or can't be read so. */
export function limitsChange(action: string, target: string | null, before: Fields, after: Fields): AuditChange | null {
  if (action === 'quota.set') {
    const quota = after.get('quota');
    if (typeof quota !== 'string') return null;
    return { what: quota.replaceAll('_', ' '), change: `${quotaText(before)} → ${quotaText(after)}`, more: null };
  }
  if (action === 'models.set') {
    return { what: 'models', change: `${modelsText(before)} → ${modelsText(after)}`, more: null };
  }
  if (action !== 'downgrade.set' && action !== 'downgrade.remove') return null;
  const model = target?.replace(/^model:/, '') ?? 'a model';
  const [was, is] = [ruleText(before), ruleText(after)];
  return {
    what: `cheaper model for ${model}`,
    change: was === null ? (is ?? '?') : `${was} → ${is ?? 'none'}`,
    more: null,
  };
}

function quotaText(fields: Fields): string {
  const limit = fields.get('limit');
  const text = typeof limit === 'number' ? limit.toLocaleString('en-US') : 'no limit';
  return fields.get('follows') === 'plan' ? `${text}, as the plan` : text;
}

function modelsText(fields: Fields): string {
  const models = fields.get('models');
  return Array.isArray(models) ? models.join(', ') : 'every model that has a price';
}

function ruleText(fields: Fields): string | null {
  const [toModel, abovePercent] = [fields.get('toModel'), fields.get('abovePercent')];
  return typeof toModel === 'string' && typeof abovePercent === 'number'
    ? `${toModel} above ${abovePercent} % of the cap`
    : null;
}
