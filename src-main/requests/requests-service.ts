import type {
  AskIncreaseInput,
  Decided,
  DecideIncreaseInput,
  DecideRaiseInput,
  Inbox,
  PastRequest,
} from '../contract/requests.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
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
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
  /** A tenant's cap may have changed: its row need not wait for the notification. */
  readonly capChanged: (tenantId: string) => void;
}

/** Money moves and time ends requests without a word. */
const LOOK_MS = 15_000;
const TOPICS = new Set(['requests', 'caps', 'operators', 'tenants']);
/** A burst of changes is one look. */
const GATHER_MS = 50;

/** What waits for a decision. While the database is away the list stays as last told. */
export function createRequestsService(sources: RequestsSources): RequestsService {
  const { repository, changes, clock, log, capChanged } = sources;
  const feed = createStateFeed<Inbox>({ items: [], asOf: null });
  let looking = false;
  let again = false;
  let cancelSoon: (() => void) | undefined;

  async function look(): Promise<void> {
    cancelSoon = undefined;
    again = looking;
    if (looking) return;
    looking = true;
    try {
      feed.set(await repository.inbox());
    } catch (error) {
      // Being away is a state that the session tells, and a viewer has no inbox.
      if (!(error instanceof OperatorError)) log.error('The inbox could not be read.', error);
      if (error instanceof OperatorError && error.code === 'FORBIDDEN') feed.set({ items: [], asOf: clock.now() });
    } finally {
      looking = false;
    }
    if (again) await look();
  }

  function soon(): void {
    cancelSoon ??= clock.after(GATHER_MS, () => void look());
  }

  async function run<Answer>(tenantId: string, change: () => Promise<Answer>): Promise<Answer> {
    try {
      return await change();
    } finally {
      // Also after a failure: a conflict means that the window shows an old picture.
      soon();
      capChanged(tenantId);
    }
  }

  const stops = [
    clock.every(LOOK_MS, () => void look()),
    changes.onChange((change) => {
      if (change.kind === 'resync' || TOPICS.has(change.topic)) soon();
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
      cancelSoon?.();
      feed.close();
    },
  };
}
