import type {
  AskIncreaseInput,
  Decided,
  DecideIncreaseInput,
  DecideRaiseInput,
  Inbox,
  PastRequest,
} from '../contract/requests.ts';
import { inbox } from '../contract/requests.ts';
import type { CacheKind } from '../infra/cache.ts';
import type { Clock } from '../infra/clock.ts';
import { createPacedKeeper, obeyAccess, type Keeping } from '../infra/keeping.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createPacedLooks } from '../infra/paced-looks.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed } from '../infra/state-feed.ts';
import type { RequestsRepository } from './requests-repository.ts';

export interface RequestsService {
  watch(signal?: AbortSignal): AsyncGenerator<Inbox, void, unknown>;
  /** Throws OperatorError: CONFLICT when another request of this cap is open. */
  ask(input: AskIncreaseInput): Promise<{ requestId: string }>;
  /** Throws OperatorError: CONFLICT when it was decided meanwhile, or the cap is another one than the card showed. */
  decide(input: DecideIncreaseInput): Promise<Decided>;
  /** Errors likewise. */
  decideRaise(input: DecideRaiseInput): Promise<Decided>;
  /** Of all clients when none is named. */
  history(tenantId?: string): Promise<{ requests: PastRequest[] }>;
  close(): void;
}

export interface RequestsSources {
  readonly repository: RequestsRepository;
  readonly keeping: Keeping;
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
  /** A tenant's cap may have changed: its row need not wait for the notification. */
  readonly capChanged: (tenantId: string) => void;
}

/** Money moves and time ends requests without a word. */
const LOOK_MS = 15_000;
const TOPICS = new Set(['requests', 'caps', 'operators', 'tenants']);
/** After a look that failed: with the database just back, changes wait for it. */
const AGAIN_MS = 3_000;
const KEPT_INBOX = { name: 'inbox', schema: inbox } satisfies CacheKind<unknown>;
/** There is one inbox for each profile and login. */
const THE_INBOX = 'all';
const NOTHING_KNOWN: Inbox = { items: [], asOf: null };

/** What waits for a decision. While the database is away the list stays as last told. */
export function createRequestsService(sources: RequestsSources): RequestsService {
  const { repository, keeping, changes, clock, log, capChanged } = sources;
  const feed = createStateFeed<Inbox>(NOTHING_KNOWN);
  const keeper = createPacedKeeper(keeping.cache, clock, KEPT_INBOX, THE_INBOX);
  const refreshed = keeping.gate.part();
  const looks = createPacedLooks(clock, async () => {
    const done = refreshed.begin();
    try {
      const found = await repository.inbox();
      feed.set(found);
      if (found.asOf) keeper.offer({ value: found, asOf: found.asOf });
      done();
    } catch (error) {
      done(error);
      if (error instanceof OperatorError && error.code === 'UNAVAILABLE') looks.soon(AGAIN_MS);
      // Being away is a state that the session tells, and a viewer has no inbox.
      if (!(error instanceof OperatorError)) log.error('The inbox could not be read.', error);
      if (error instanceof OperatorError && error.code === 'FORBIDDEN') feed.set({ items: [], asOf: clock.now() });
    }
  });

  function restore(): void {
    const kept = feed.get().asOf === null ? keeping.cache.read(KEPT_INBOX, THE_INBOX) : null;
    if (kept) feed.set(kept.value);
  }

  async function run<Answer>(tenantId: string, change: () => Promise<Answer>): Promise<Answer> {
    try {
      return await change();
    } finally {
      // Also after a failure: a conflict means that the window shows an old picture.
      looks.soon();
      capChanged(tenantId);
    }
  }

  const stops = [
    obeyAccess(keeping.access, restore, () => feed.set(NOTHING_KNOWN)),
    clock.every(LOOK_MS, () => void looks.now()),
    changes.onChange((change) => {
      if (change.kind === 'resync') looks.cancel();
      if (change.kind === 'resync' || TOPICS.has(change.topic)) looks.soon();
    }),
  ];

  return {
    watch: (signal) => feed.watch(signal),
    ask: (input) => run(input.tenantId, () => repository.ask(input)),
    decide: (input) => run(input.tenantId, () => repository.decide(input)),
    decideRaise: (input) => run(input.tenantId, () => repository.decideRaise(input)),
    history: async (tenantId) => ({ requests: await repository.history(tenantId) }),
    close() {
      for (const stop of stops) stop();
      looks.close();
      keeper.close();
      feed.close();
    },
  };
}
