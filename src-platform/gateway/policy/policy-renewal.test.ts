import { expect, test } from 'vitest';
import { createPolicyRenewal, type PolicyRenewalPorts } from './policy-renewal.ts';

interface Cap {
  readonly id: string;
  readonly scope?: 'tenant' | 'key' | 'workflow';
  readonly period?: 'month' | 'day';
  readonly hard?: boolean;
  readonly keyId?: string | null;
  readonly workflowId?: string | null;
  readonly limit: bigint;
  readonly committed: bigint;
  readonly held: bigint;
  /** False: nobody asked it for money yet. */
  readonly known?: boolean;
}

/** What the gateway says of a tenant with these caps. */
function renewalOf(...caps: readonly Cap[]) {
  const ordinary: Partial<Cap> = { scope: 'tenant', period: 'month', hard: true, keyId: null, workflowId: null };
  const own = caps.map((cap): Cap => Object.assign({}, ordinary, cap));
  const find = (id: string) => own.find((cap) => cap.id === id);
  const live = {
    known: (_tenantId: string, id: string) => {
      const cap = find(id);
      return cap === undefined || cap.known === false ? undefined : { capId: id, limit: cap.limit, periodStart: 0 };
    },
    figures: (_tenantId: string, id: string) => ({ committed: find(id)?.committed, held: find(id)?.held }),
  };
  return createPolicyRenewal({ policy: { tenant: () => ({ caps: own }) }, live } as unknown as PolicyRenewalPorts);
}

test('the used share is of the hard monthly cap of the tenant, and what is held counts', () => {
  const month = { id: 'm', limit: 1_000n, committed: 300n, held: 205n };
  expect(renewalOf(month).usedShare('t')).toBe(50.5);
  expect(renewalOf({ ...month, hard: false }).usedShare('t')).toBeUndefined();
  expect(renewalOf({ ...month, period: 'day' }).usedShare('t')).toBeUndefined();
  expect(renewalOf({ ...month, scope: 'key', keyId: 'k' }).usedShare('t')).toBeUndefined();
  expect(renewalOf({ ...month, known: false }).usedShare('t')).toBeUndefined();
  expect(renewalOf({ ...month, limit: 0n }).usedShare('t'), 'nothing may be spent').toBe(100);
  expect(renewalOf().usedShare('t')).toBeUndefined();
});

test('what remains is the least that a hard cap of the call leaves, never below nothing', () => {
  const month: Cap = { id: 'm', limit: 1_000n, committed: 300n, held: 200n };
  const key: Cap = { id: 'k', scope: 'key', keyId: 'key', limit: 400n, committed: 100n, held: 0n };
  const flow: Cap = { id: 'w', scope: 'workflow', workflowId: 'flow', limit: 90n, committed: 100n, held: 0n };
  const soft: Cap = { id: 's', hard: false, limit: 1n, committed: 0n, held: 0n };
  const renewal = renewalOf(month, key, flow, soft);
  expect(renewal.remaining('t', 'another', null)).toBe(500n);
  expect(renewal.remaining('t', 'key', null)).toBe(300n);
  expect(renewal.remaining('t', 'key', 'flow')).toBe(0n);
  expect(renewalOf(soft).remaining('t', 'key', null)).toBeUndefined();
  expect(renewalOf({ ...month, known: false }).remaining('t', 'key', null)).toBeUndefined();
});
