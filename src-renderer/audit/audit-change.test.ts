import { describe, expect, it, test } from 'vitest';
import { auditChange, type AuditChange } from './audit-change.ts';

describe('an audit entry, readable', () => {
  it('says what became of a cap', () => {
    const entry = {
      action: 'cap.set',
      before: '{"limit_nanousd":25000000000,"version":1}',
      after: '{"limit_nanousd":27500000000,"version":2}',
    };
    expect(auditChange(entry)).toEqual({ what: 'cap', change: '$25.00 → $27.50, +10 %', more: null });
  });

  it('names the cap', () => {
    const of = (after: string): string => auditChange({ action: 'cap.set', before: null, after }).what;
    expect(of('{"limitNanoUsd":1,"scope":"tenant","period":"month"}')).toBe('monthly cap');
    expect(of('{"limitNanoUsd":1,"scope":"key","period":"day"}')).toBe('daily cap of a key');
    expect(of('{"limitNanoUsd":1}')).toBe('cap');
  });

  it('reads amounts written as text, and a new cap', () => {
    expect(auditChange({ action: 'cap.set', before: null, after: '{"limit_nanousd":"5000000000"}' })).toMatchObject({
      what: 'cap',
      change: '$5.00',
    });
  });

  it('says what a released grant gave back, and of which gateway it was', () => {
    const entry = {
      action: 'grant.release',
      before: '{"state":"orphaned","amountNanoUsd":1700000000}',
      after:
        '{"state":"closed","amountNanoUsd":500000000,"releasedNanoUsd":1200000000,"gateway":"eu-2","silentSince":"2026-11-20T14:02:00+00:00"}',
    };
    expect(auditChange(entry)).toEqual({
      what: 'grant of gateway eu-2',
      change: '$1.20 released to its caps',
      more: 'silent since 2026-11-20T14:02:00+00:00',
    });
  });

  it('says what a temporary raise adds, until when, and what an undo took back', () => {
    const cap = '"limitNanoUsd":10000000000,"scope":"tenant","period":"month"';
    const override = '"overrideNanoUsd":5000000000,"until":"removed","endsAt":null';
    expect(
      auditChange({
        action: 'cap.override.add',
        before: `{${cap},"inForceNanoUsd":10000000000}`,
        after: `{${cap},"inForceNanoUsd":15000000000,${override}}`,
      }),
    ).toEqual({
      what: 'temporary raise of the monthly cap',
      change: '$10.00 → $15.00',
      more: '+$5.00 until removed',
    });
    expect(
      auditChange({
        action: 'cap.override.remove',
        before: `{${cap},"inForceNanoUsd":15000000000,${override}}`,
        after: `{${cap},"inForceNanoUsd":10000000000}`,
      }),
    ).toMatchObject({ what: 'temporary raise of the monthly cap, removed', change: '$15.00 → $10.00' });
    expect(auditChange({ action: 'cap.undo', before: null, after: `{${cap}}` }).what).toBe('monthly cap, undone');
  });

  it('shows other fields that changed, and not those that always do', () => {
    const entry = {
      action: 'tenant.other',
      before: '{"status":"active","version":4,"plan":"pro"}',
      after: '{"status":"suspended","version":5,"plan":"pro"}',
    };
    expect(auditChange(entry)).toEqual({ what: 'tenant other', change: 'status active → suspended', more: null });
  });

  it('counts the heads of an anchor', () => {
    const entry = { action: 'audit.anchor', before: null, after: '{"heads":{"a":[1,"ff"],"b":[7,"00"]}}' };
    expect(auditChange(entry)).toEqual({ what: 'audit anchor', change: 'heads of 2 chains', more: null });
  });

  it('drops nothing it cannot read', () => {
    expect(auditChange({ action: 'odd', before: 'no json', after: '[1]' })).toEqual({
      what: 'odd',
      change: '0 1',
      more: null,
    });
    expect(auditChange({ action: 'odd', before: 'no json', after: 'either' }).change).toBe('no json → either');
  });
});

test.each<[string, object | null, object, AuditChange]>([
  [
    'tenant.create',
    null,
    {
      name: 'Clinic B',
      slug: 'clinic-b',
      plan: 'pro',
      currency: 'INR',
      timeZone: 'Asia/Kolkata',
      limitNanoUsd: 50_000_000_000,
      key: 'bot',
      keyShown: 'td_Ab3x…9f3c',
    },
    {
      what: 'new client',
      change: 'Clinic B, cap $50.00 a month',
      more: 'clinic-b · pro · INR · Asia/Kolkata · key bot td_Ab3x…9f3c',
    },
  ],
  [
    'tenant.suspend',
    { status: 'active', version: 1 },
    { status: 'suspended', version: 2 },
    { what: 'client suspended', change: 'active → suspended', more: null },
  ],
  [
    'key.issue',
    null,
    { key: 'bot', keyShown: 'td_Ab3x…9f3c', version: 1, workflow: 'default' },
    { what: 'key bot, issued', change: 'td_Ab3x…9f3c', more: 'workflow default' },
  ],
  [
    'key.revoke',
    { version: 1 },
    { key: 'bot', keyShown: 'td_Ab3x…9f3c', version: 2 },
    { what: 'key bot, revoked', change: 'td_Ab3x…9f3c', more: null },
  ],
])('a client’s or key’s entry %s is told in words', (action, before, after, told) => {
  const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
  expect(auditChange({ action, before: json(before), after: json(after) })).toEqual(told);
});

describe('an entry on the agency’s money', () => {
  const terms = { validFrom: '2026-11-01', currency: 'INR', retainerMinor: 1_234_567_00, otherDirectCostMinor: 0 };

  it('tells which terms of a contract changed', () => {
    const entry = {
      action: 'contract.set',
      before: JSON.stringify({ ...terms, retainerMinor: 19_000, targetMarginBp: 6500 }),
      after: JSON.stringify({ ...terms, targetMarginBp: 7000 }),
    };
    expect(auditChange(entry)).toEqual({
      what: 'contract from 2026-11',
      change: 'retainer ₹190.00 → ₹12,34,567.00',
      more: 'target 65.0 % → 70.0 %',
    });
  });

  it('names the day of a rate and the model of a price', () => {
    const fx = { action: 'fx.set', target: 'fx:INR 2026-11-21', before: '{"usdPerUnit":"0.0117"}' };
    expect(auditChange({ ...fx, after: '{"usdPerUnit":"0.0118","source":"bank","version":2}' })).toEqual({
      what: 'exchange rate of 2026-11-21',
      change: '1 INR = $0.0117 → $0.0118',
      more: 'bank',
    });
    const price = { action: 'price.set', target: 'model:openai/gpt-4o', before: null, after: '{"price_version":3}' };
    expect(auditChange(price)).toMatchObject({
      what: 'price of openai/gpt-4o',
      change: 'version 3 of the price book',
    });
  });
});

it('tells of an exported report, and that it was made without the platform', () => {
  const after = {
    month: '2026-10',
    asOf: '2026-11-01T00:00:00Z',
    claimedAt: '2026-11-02T10:00:00Z',
    files: [{ format: 'pdf' }],
  };
  const told = auditChange({ action: 'report.export', before: null, after: JSON.stringify(after) });
  expect(told).toMatchObject({ what: 'report of 2026-10, exported', change: 'PDF' });
  expect(told.more).toContain('made without the platform');
});

it('tells what a workflow’s work is worth', () => {
  const value = { unit: 'treks planned', minutesSaved: '20', hourlyWorthMinor: 50_000, version: 1 };
  const set = { action: 'workflow.value_set', after: JSON.stringify(value) };
  expect(auditChange({ ...set, before: null })).toEqual({
    what: 'workflow’s worth',
    change: 'treks planned: 20 minutes saved by each',
    more: 'an hour is worth 50,000 of its currency’s smallest unit',
  });
  expect(auditChange({ ...set, before: JSON.stringify({ ...value, minutesSaved: '15' }) }).change).toBe(
    'treks planned: 15 minutes saved by each → treks planned: 20 minutes saved by each',
  );
});

it('tells of quotas and models', () => {
  expect(
    auditChange({ action: 'models.set', before: '{"models":null}', after: '{"models":["gpt-4o*","o3"]}' }),
  ).toMatchObject({ what: 'models', change: 'every model that has a price → gpt-4o*, o3' });
  const quota = (fields: object): string => JSON.stringify({ quota: 'requests_per_day', ...fields });
  expect(
    auditChange({
      action: 'quota.set',
      before: quota({ follows: 'plan', limit: 50_000 }),
      after: quota({ follows: 'own', limit: null }),
    }),
  ).toMatchObject({ what: 'requests per day', change: '50,000, as the plan → no limit' });
  const rule = '{"toModel":"gpt-4o-mini","abovePercent":80,"version":1}';
  const set = { action: 'downgrade.set', target: 'model:gpt-4o', before: null, after: rule };
  expect(auditChange(set)).toMatchObject({
    what: 'cheaper model for gpt-4o',
    change: 'gpt-4o-mini above 80 % of the cap',
  });
  expect(auditChange({ ...set, action: 'downgrade.remove', before: rule, after: '{"version":2}' })).toMatchObject({
    change: 'gpt-4o-mini above 80 % of the cap → none',
  });
});
