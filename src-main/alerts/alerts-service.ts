import type { AcknowledgeAlertInput, AlertList } from '../contract/alerts.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createPacedLooks } from '../infra/paced-looks.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import type { AlertsRepository } from './alerts-repository.ts';

export interface AlertsService {
  watch(signal?: AbortSignal): AsyncGenerator<AlertList, void, unknown>;
  /** Throws OperatorError: CONFLICT when somebody was faster or the cap was raised. */
  acknowledge(input: AcknowledgeAlertInput): Promise<{ tenantId: string; alertId: string; acknowledgedAt: Date }>;
  close(): void;
}

export interface AlertsSources {
  readonly repository: AlertsRepository;
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Periods end without a word. */
const LOOK_MS = 15_000;
const TOPICS = new Set(['alerts', 'operators', 'tenants']);

/** Open alerts. While the database is away the list stays as last told. */
export function createAlertsService({ repository, changes, clock, log }: AlertsSources): AlertsService {
  const feed = createStateFeed<AlertList>({ alerts: [], asOf: null });
  const looks = createPacedLooks(clock, async () => {
    try {
      feed.set(await repository.list());
    } catch (error) {
      // Being away is a state that the session tells.
      if (!(error instanceof OperatorError)) log.error('Alerts could not be read.', error);
    }
  });

  const stops = [
    clock.every(LOOK_MS, () => void looks.now()),
    changes.onChange((change) => {
      if (change.kind === 'resync' || TOPICS.has(change.topic)) looks.soon();
    }),
  ];

  return {
    watch: (signal) => feed.watch(signal),
    async acknowledge(input) {
      try {
        const acknowledgedAt = await repository.acknowledge(input);
        return { tenantId: input.tenantId, alertId: input.alertId, acknowledgedAt };
      } finally {
        looks.soon();
      }
    },
    close() {
      for (const stop of stops) stop();
      looks.close();
      feed.close();
    },
  };
}
