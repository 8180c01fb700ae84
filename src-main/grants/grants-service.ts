import type { OrphanedGrants, ReleaseGrantInput, ReleaseGrantOutput } from '../contract/grants.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createPacedLooks } from '../infra/paced-looks.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import type { GrantsRepository, OrphanedRow } from './grants-repository.ts';

export interface GrantsService {
  watchOrphaned(signal?: AbortSignal): AsyncGenerator<OrphanedGrants, void, unknown>;
  /** Throws OperatorError: CONFLICT when the gateway is back or somebody released it already. */
  release(change: ReleaseGrantInput): Promise<ReleaseGrantOutput>;
  close(): void;
}

export interface GrantsSources {
  readonly repository: GrantsRepository;
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
}

/** That a gateway fell silent is announced by nobody. */
const LOOK_MS = 5_000;
/** So long a gateway without its database decides by what it knew (platform's rule): then it lets no call through. */
const SPENDS_AFTER_SILENCE_MS = 10 * 60_000;

/** Money that gateways hold which are not heard any more. While the database is away the list stays as last told. */
export function createGrantsService({ repository, changes, clock, log }: GrantsSources): GrantsService {
  const feed = createStateFeed<OrphanedGrants>({ grants: [], asOf: null });
  const looks = createPacedLooks(clock, async () => {
    try {
      const { rows, asOf } = await repository.orphaned();
      const grants = rows.map(orphanedGrant);
      const before = feed.get();
      if (before.asOf === null || !sameGrants(before.grants, grants)) feed.set({ grants, asOf });
    } catch (error) {
      // Being away is a state that the session tells.
      if (!(error instanceof OperatorError)) log.error('The orphaned grants could not be read.', error);
    }
  });

  const stops = [
    clock.every(LOOK_MS, () => void looks.now()),
    changes.onChange((change) => {
      if (change.kind === 'resync' || change.topic === 'caps' || change.topic === 'operators') void looks.now();
    }),
  ];
  return {
    watchOrphaned: (signal) => feed.watch(signal),
    async release(change) {
      try {
        const { tenantId, grantId } = change;
        return { tenantId, grantId, ...(await repository.release(change)) };
      } finally {
        void looks.now();
      }
    },
    close() {
      for (const stop of stops) stop();
      looks.close();
      feed.close();
    },
  };
}

function orphanedGrant({ heardAt, ...row }: OrphanedRow): OrphanedGrants['grants'][number] {
  return { ...row, silentSince: heardAt, spentUntil: new Date(heardAt.getTime() + SPENDS_AFTER_SILENCE_MS) };
}

function sameGrants(before: OrphanedGrants['grants'], now: OrphanedGrants['grants']): boolean {
  const word = ({ grantId, heldNanoUsd, silentSince, tenantName, gatewayName }: OrphanedGrants['grants'][number]) =>
    [grantId, heldNanoUsd, silentSince.getTime(), tenantName, gatewayName].join(' ');
  return before.length === now.length && before.every((grant, index) => word(grant) === word(now[index] ?? grant));
}
