import type { AuditAlarm, AuditMemory } from '../contract/audit.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import type { ChainRepository, KnownChain } from './chain-repository.ts';
import { PLATFORM_CHAIN, type ChainHead } from './chain-row.ts';
import type { HeadMemory } from './head-memory.ts';

/** Holds the chains against what this console remembers of them, and remembers on. */
export interface HeadWatch {
  watch(signal?: AbortSignal): AsyncGenerator<AuditMemory, void, unknown>;
  /** Compares now, and remembers the heads of chains that are as they were. */
  compare(): Promise<void>;
  /** Remembers a chain as it is now, whatever was remembered. @returns false: there is nothing left of it. */
  accept(tenantId: string): Promise<boolean>;
  close(): void;
}

export interface HeadWatchSources {
  readonly repository: Pick<ChainRepository, 'chains' | 'hashesAt' | 'head'>;
  readonly memory: HeadMemory;
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
}

const COMPARE_MS = 60_000;

/** At each connect, once a minute, and after each check: a few queries, however long the chains are. */
export function createHeadWatch({ repository, memory, changes, clock, log }: HeadWatchSources): HeadWatch {
  const feed = createStateFeed<AuditMemory>(stateOf([], null));
  let running: Promise<void> | undefined;

  function stateOf(alarms: AuditAlarm[], comparedAt: Date | null): AuditMemory {
    return { alarms, remembered: memory.heads.size, comparedAt, trouble: memory.trouble };
  }

  async function look(): Promise<void> {
    const remembered = [...memory.heads].map(([tenantId, { seq, hash, seenAt }]) => ({ tenantId, seq, hash, seenAt }));
    // In this order: what is remembered was seen before, so it has to stand among what is read now.
    const chains = await repository.chains();
    const standing = await repository.hashesAt(remembered);
    const visible = new Map(chains.map((chain) => [chain.tenantId, chain]));
    const seesAll = visible.has(PLATFORM_CHAIN);
    const alarms: AuditAlarm[] = [];
    for (const { tenantId, seq, hash, seenAt } of remembered) {
      const chain = visible.get(tenantId);
      // Whoever is assigned to fewer clients than before does not see their chains: that is no alarm.
      if ((!chain && !seesAll) || standing.get(tenantId) === hash) continue;
      const platform = tenantId === PLATFORM_CHAIN;
      alarms.push({
        tenantId: platform ? null : tenantId,
        tenantName: chain?.name ?? null,
        what: standing.has(tenantId) ? 'rewritten' : 'cut',
        seq,
        seenAt,
        lastSeq: chain?.head?.seq ?? 0n,
      });
    }
    memory.remember(newHeads(chains, alarms));
    feed.set(stateOf(alarms, clock.now()));
  }

  function newHeads(chains: readonly KnownChain[], alarms: readonly AuditAlarm[]): Map<string, ChainHead> {
    const alarmed = new Set(alarms.map(({ tenantId }) => tenantId ?? PLATFORM_CHAIN));
    return new Map(
      chains.flatMap(({ tenantId, head }): [string, ChainHead][] =>
        head && !alarmed.has(tenantId) && head.seq > (memory.heads.get(tenantId)?.seq ?? 0n) ? [[tenantId, head]] : [],
      ),
    );
  }

  async function compare(): Promise<void> {
    running ??= look().finally(() => (running = undefined));
    await running;
  }

  function compareAlone(): void {
    compare().catch((error: unknown) => {
      // Away, or a role that reads no audit log: the session tells, and there is nothing to compare.
      if (!(error instanceof OperatorError)) log.error('The audit heads could not be compared.', error);
    });
  }

  const stops = [
    clock.every(COMPARE_MS, compareAlone),
    changes.onChange((change) => {
      if (change.kind === 'resync') compareAlone();
    }),
  ];
  return {
    watch: (signal) => feed.watch(signal),
    compare,
    async accept(tenantId) {
      const head = await repository.head(tenantId);
      memory.forget(tenantId);
      if (head) memory.remember(new Map([[tenantId, head]]));
      log.warn('An audit chain is remembered anew, as the operator asked.', { chain: tenantId });
      await compare();
      return head !== undefined;
    },
    close() {
      for (const stop of stops) stop();
      feed.close();
    },
  };
}
