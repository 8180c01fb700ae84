import type { ContractTerms, TenantContract } from '../../src-main/contract/margins.ts';
import { parseAmount } from '../ui/parse-amount.ts';
import { minorDigits } from '../ui/format-money.ts';

/** What stands in the fields of a contract. */
export interface ContractEntry {
  validFrom: string;
  /** Empty: until another contract replaces it. */
  validUntil: string;
  currency: string;
  retainer: string;
  otherCost: string;
  /** Percent. */
  target: string;
  overage: boolean;
  /** USD. */
  included: string;
  /** Percent. */
  markup: string;
  reason: string;
}

export type ContractField = Exclude<keyof ContractEntry, 'overage' | 'reason'>;
export type ReadContract = { ok: true; terms: ContractTerms } | { ok: false; field: ContractField; sentence: string };

/** The fields of a contract as it is; of a new one without one. */
export function contractEntry(contract: TenantContract | undefined, month: string, currency: string): ContractEntry {
  const digits = contract?.minorDigits ?? 2;
  const overage = contract?.overage.kind === 'above' ? contract.overage : undefined;
  return {
    validFrom: contract?.validFrom ?? month,
    validUntil: contract === undefined || contract.validUntil === 'open' ? '' : contract.validUntil,
    currency: contract?.currency ?? currency,
    retainer: contract ? decimal(contract.retainerMinor, digits) : '',
    otherCost: contract ? decimal(contract.otherDirectCostMinor, digits) : '0',
    target: contract ? decimal(BigInt(contract.targetMarginBp), 2) : '65',
    overage: overage !== undefined,
    included: overage ? decimal(overage.includedAiNanoUsd, 9) : '',
    markup: overage ? decimal(BigInt(overage.markupBp), 2) : '0',
    reason: '',
  };
}

/** Reads the fields; the first that can't be read names itself, with what to write instead. */
export function readContract(entry: ContractEntry): ReadContract {
  const currency = entry.currency.trim().toUpperCase();
  if (!/^20\d{2}-\d{2}$/.test(entry.validFrom)) return no('validFrom', 'Choose the month it begins with.');
  if (entry.validUntil !== '' && entry.validUntil < entry.validFrom) {
    return no('validUntil', 'It ends before it begins. Choose a later month, or none.');
  }
  if (!/^[A-Z]{3}$/.test(currency)) return no('currency', 'A currency is three letters, like INR.');
  const digits = minorDigits(currency);
  const retainer = parseAmount(entry.retainer, digits, '25,000');
  if (!retainer.ok) return no('retainer', retainer.sentence);
  const otherCost = parseAmount(entry.otherCost, digits, '2,000');
  if (!otherCost.ok) return no('otherCost', otherCost.sentence);
  const target = parseAmount(entry.target, 2, '65');
  if (!target.ok) return no('target', target.sentence);
  if (target.value > 10_000n) return no('target', 'A target margin is 0 to 100 %.');
  const terms = {
    validFrom: entry.validFrom,
    validUntil: entry.validUntil === '' ? ('open' as const) : entry.validUntil,
    currency,
    retainerMinor: retainer.value,
    otherDirectCostMinor: otherCost.value,
    targetMarginBp: Number(target.value),
    overage: { kind: 'none' as const },
  };
  if (!entry.overage) return { ok: true, terms };
  const included = parseAmount(entry.included, 9, '300');
  if (!included.ok) return no('included', included.sentence);
  if (included.value > 9_000_000_000_000_000n) return no('included', 'At most 9,000,000 USD can be included.');
  const markup = parseAmount(entry.markup, 2, '25');
  if (!markup.ok) return no('markup', markup.sentence);
  if (markup.value > 100_000n) return no('markup', 'A markup is 0 to 1,000 %.');
  return {
    ok: true,
    terms: { ...terms, overage: { kind: 'above', includedAiNanoUsd: included.value, markupBp: Number(markup.value) } },
  };
}

function decimal(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const rest = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${value / unit}${digits === 0 || rest === '' ? '' : `.${rest}`}`;
}

function no(field: ContractField, sentence: string): ReadContract {
  return { ok: false, field, sentence };
}
