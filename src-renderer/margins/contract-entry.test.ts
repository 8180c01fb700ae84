import { expect, it } from 'vitest';
import type { TenantContract } from '../../src-main/contract/margins.ts';
import { contractEntry, readContract } from './contract-entry.ts';

const contract: TenantContract = {
  contractId: '00000000-0000-4000-8000-000000000001',
  version: 3,
  minorDigits: 2,
  validFrom: '2026-07',
  validUntil: 'open',
  currency: 'INR',
  retainerMinor: 2_500_050n,
  overage: { kind: 'above', includedAiNanoUsd: 300_000_000_001n, markupBp: 2_550 },
  otherDirectCostMinor: 0n,
  targetMarginBp: 6_525,
};

it('shows a contract as it is: reading it again changes nothing', () => {
  const entry = contractEntry(contract, '2026-11', 'USD');
  expect(entry).toMatchObject({ retainer: '25000.5', target: '65.25', included: '300.000000001', markup: '25.5' });
  const { contractId: _id, version: _version, minorDigits: _digits, ...terms } = contract;
  expect(readContract(entry)).toEqual({ ok: true, terms });
});

it('begins a new one with the month, and without overage', () => {
  const entry = contractEntry(undefined, '2026-11', 'INR');
  expect(readContract({ ...entry, retainer: '25,000' })).toMatchObject({
    ok: true,
    terms: { validFrom: '2026-11', validUntil: 'open', overage: { kind: 'none' }, targetMarginBp: 6_500 },
  });
  expect(readContract(entry)).toMatchObject({ ok: false, field: 'retainer' });
});

it.each([
  ['validFrom', { validFrom: '' }],
  ['validUntil', { validUntil: '2026-06' }],
  ['currency', { currency: 'rupees' }],
  ['retainer', { retainer: '-1' }],
  ['otherCost', { otherCost: '1.234' }],
  ['target', { target: '100.01' }],
  ['included', { included: '' }],
  ['included', { included: '9000000.01' }],
  ['markup', { markup: '1000.01' }],
] as const)('names the field that can’t be read: %s', (field, change) => {
  expect(readContract({ ...contractEntry(contract, '2026-11', 'INR'), ...change })).toMatchObject({ ok: false, field });
});

it('yen have no decimals', () => {
  const yen = { ...contractEntry(undefined, '2026-11', 'JPY'), retainer: '51001.5' };
  expect(readContract(yen)).toMatchObject({ ok: false, field: 'retainer' });
});
