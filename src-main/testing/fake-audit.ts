/** The audit log of the pretend console: what was changed in it, filtered as asked; checks find nothing, exports write nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import { implement } from '@orpc/server';
import type { AuditCheck, AuditEntry, AuditExport, AuditFilter, AuditMemory } from '../contract/audit.ts';
import { contract } from '../contract/contract.ts';

export interface FakeAuditOptions {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  readonly memory: AuditMemory;
  /** A stream that says one thing and stays open. */
  readonly stay: <T>(value: T, signal: AbortSignal | undefined) => AsyncGenerator<T>;
}

const STEPS = 20;
const STEP_MS = 60;

export function createFakeAudit({ entries, memory, stay }: FakeAuditOptions) {
  const os = implement(contract.audit);

  async function* verify(): AsyncGenerator<AuditCheck> {
    for (let step = 0; step <= STEPS; step += 1) {
      const part = step / STEPS;
      yield {
        done: step === STEPS,
        entries: Math.round(part * 48_211),
        total: 48_211,
        chains: Math.round(part * 13),
        chainsTotal: 13,
        findings: [],
        badChains: 0,
        tookMs: step * STEP_MS,
      };
      await delay(STEP_MS);
    }
  }

  async function* write(format: 'jsonl' | 'csv'): AsyncGenerator<AuditExport> {
    for (let step = 0; step <= STEPS; step += 1) {
      const done = step === STEPS;
      const file = `/home/asha/Downloads/tenantdesk-audit-all-20261120-083231.${format}`;
      const count = Math.round((step / STEPS) * 48_211);
      const sha256 = done ? '5f'.repeat(32) : '';
      yield {
        done,
        entries: count,
        chains: Math.round((step / STEPS) * 13),
        chainsTotal: 13,
        file: done ? file : null,
        bytes: count * 640,
        sha256,
      };
      await delay(STEP_MS);
    }
  }

  return {
    list: os.list.handler(({ input: { before, limit, ...filter } }) => {
      const matching = entries.filter(
        (entry) => passes(entry, filter) && (before === undefined || entry.id < before.id),
      );
      const shown = matching.slice(0, limit);
      const last = matching.length > shown.length ? shown.at(-1) : undefined;
      const next = last ? { atMicros: BigInt(last.at.getTime()) * 1000n, id: last.id } : null;
      return { entries: shown, next, asOf: new Date() };
    }),
    choices: os.choices.handler(() => ({
      people: [{ login: 'asha', name: 'Asha Rao' }],
      actions: [...new Set(entries.map(({ action }) => action))].toSorted(),
    })),
    verify: os.verify.handler(() => verify()),
    export: os.export.handler(({ input }) => write(input.format)),
    memory: os.memory.handler(({ signal }) => stay(memory, signal)),
    accept: os.accept.handler(() => ({ remembered: true })),
  };
}

function passes(entry: AuditEntry, { chain, login, action, from, to }: AuditFilter): boolean {
  return (
    (chain === undefined || (entry.tenantId ?? 'platform') === chain) &&
    (login === undefined || entry.login === login) &&
    (action === undefined || entry.action === action) &&
    (from === undefined || entry.at >= from) &&
    (to === undefined || entry.at < to)
  );
}
