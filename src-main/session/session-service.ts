import type { LinkState, SessionState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { SessionRepository } from './session-repository.ts';

export interface SessionService {
  watch(signal?: AbortSignal): AsyncGenerator<SessionState, void, unknown>;
  /** Asks the database again who the operator is: their raises of the last 24 h changed. */
  refresh(): void;
  readonly watchers: number;
  close(): void;
}

export interface SessionSources {
  readonly about: Pick<SessionState, 'profile' | 'shell' | 'version'>;
  readonly login: string;
  readonly repository: SessionRepository;
  readonly database: StateFeed<LinkState>;
  readonly gateway: StateFeed<LinkState>;
  readonly parts: Pick<StateFeed<GatewayParts>, 'get' | 'subscribe'>;
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Raises leave the 24-hour window without anybody telling. */
const REFRESH_MS = 60_000;

/**
 * Who is signed in and how the platform's parts answer. A platform that is away signs nobody out: the operator stays as
 * last told.
 */
export function createSessionService(sources: SessionSources): SessionService {
  const { about, clock, database, gateway, parts } = sources;
  let operator: SessionState['operator'] = null;
  /** Set while the database answers, but not to an operator. */
  let stranger: LinkState | null = null;
  const feed = createStateFeed<SessionState>(now());

  function now(): SessionState {
    const link = database.get();
    return {
      ...about,
      operator,
      database: link.state === 'live' && stranger ? stranger : link,
      gateway: gateway.get(),
      ...parts.get(),
    };
  }

  async function identify(): Promise<void> {
    try {
      operator = await sources.repository.whoami();
      stranger = operator ? null : (stranger ?? strangerState());
    } catch (error) {
      if (!(error instanceof OperatorError)) sources.log.error('The operator could not be read.', error);
    }
    feed.set(now());
  }

  function strangerState(): LinkState {
    const reason = `The login "${sources.login}" is no operator of this platform, or was disabled. Ask an admin.`;
    return { state: 'away', since: clock.now(), reason };
  }

  function hearChange(change: PlatformChange): void {
    if (change.kind === 'resync' || change.topic === 'operators') void identify();
  }

  const tell = (): void => feed.set(now());
  const stops = [
    database.subscribe(tell),
    gateway.subscribe(tell),
    parts.subscribe(tell),
    sources.changes.onChange(hearChange),
    clock.every(REFRESH_MS, () => void identify()),
  ];
  return {
    watch: (signal) => feed.watch(signal),
    refresh: () => void identify(),
    get watchers() {
      return feed.listeners;
    },
    close() {
      for (const stop of stops) stop();
      feed.close();
    },
  };
}
