import { describe, expect, it } from 'vitest';
import type { RefusalExplanation, RefusalScope } from '../../src-main/contract/tenants.ts';
import { reasonOf, refusalWords, scopeName } from './refusal-words.ts';

const scope: RefusalScope = {
  capId: '00000002-0000-4000-8000-000000000001',
  scope: 'tenant',
  period: 'month',
  hard: true,
  refused: true,
  limitNanoUsd: 25_000_000_000n,
  committedNanoUsd: 24_980_000_000n,
  heldNanoUsd: 0n,
  idleNanoUsd: 0n,
  periodStart: new Date('2026-10-31T18:30:00Z'),
  periodEnd: new Date('2026-11-30T18:30:00Z'),
  now: { version: 1, limitNanoUsd: 25_000_000_000n, inForceNanoUsd: 25_000_000_000n, raiseToNanoUsd: 25_030_000_000n },
};

const refused: RefusalExplanation = {
  tenantId: '00000001-0000-4000-8000-000000000001',
  requestId: 'req',
  refusedAt: new Date('2026-11-20T08:32:00Z'),
  httpStatus: 402,
  type: 'budget_exceeded',
  code: 'tenant_month_cap',
  model: 'gpt-4o',
  workflowName: 'Triage',
  keyLabel: 'website bot, td_abcd…9f3c',
  keyRevokedAt: null,
  tenantStatus: 'active',
  estimateNanoUsd: 160_000_000n,
  remainingNanoUsd: 20_000_000n,
  scopes: [scope],
  passesNow: false,
  asOf: new Date('2026-11-20T08:33:00Z'),
};

const words = (over: Partial<RefusalExplanation>) => refusalWords({ ...refused, ...over }, 'Asia/Kolkata');
const other = (over: Partial<RefusalExplanation>) =>
  words({ scopes: [], passesNow: null, estimateNanoUsd: null, ...over });

describe('a refusal in words', () => {
  it('names the cap, what the call could cost, what could be had, and when it resets in the client’s zone', () => {
    expect(words({})).toEqual({
      rule: 'The monthly cap had no room for this call: it could cost up to $0.16, and $0.020 of $25.00 could be had.',
      remedy: 'Raise the cap, or wait: it resets 1 Dec 00:00 IST.',
    });
  });

  it('says so when a call like it would pass now', () => {
    expect(words({ passesNow: true }).remedy).toBe('A call like it would pass now.');
  });

  it('names key and workflow where the cap is theirs', () => {
    expect(words({ scopes: [{ ...scope, scope: 'workflow', period: 'day' }] }).rule).toMatch(
      /^The daily cap of the workflow Triage had/,
    );
    expect(scopeName({ scope: 'key', period: 'month' }, refused)).toBe(
      'monthly cap of the key website bot, td_abcd…9f3c',
    );
    expect(scopeName({ scope: 'key', period: 'month' }, { ...refused, keyLabel: null })).toBe('monthly cap of the key');
  });

  it('has a rule and a remedy for what is no matter of a cap', () => {
    expect(other({ code: 'unpriced_model', model: 'nobody-9' }).rule).toContain('“nobody-9” had no price');
    expect(other({ code: 'model_not_allowed', model: 'dear-1' }).rule).toContain('may not use “dear-1”');
    expect(other({ code: 'key_revoked', keyRevokedAt: new Date('2026-11-19T08:32:00Z') }).rule).toBe(
      'The call came with the key website bot, td_abcd…9f3c, that was revoked 19 Nov 14:02 IST.',
    );
    expect(other({ code: 'key_revoked', keyLabel: null }).rule).toBe('The call came with a key that is over.');
    expect(other({ code: 'tenant_suspended', tenantStatus: 'suspended' }).remedy).toContain(
      'when the client is active again',
    );
    expect(other({ code: 'tenant_suspended' }).remedy).toContain('active again: calls pass');
    expect(other({ code: 'budget_unverifiable' }).remedy).toContain('No cap has to change');
  });

  it('says what it can of a code it does not know', () => {
    expect(other({ httpStatus: 400, type: 'policy_violation', code: 'prompt_injection' }).rule).toBe(
      'The gateway answered 400: prompt injection.',
    );
    expect(reasonOf('rate_limit_exceeded', null)).toBe('rate limit exceeded');
  });
});
