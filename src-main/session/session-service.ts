import type { LinkState, SessionState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import type { Logger } from '../infra/logger.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { gatewaySkew, schemaSkew } from '../infra/platform-skew.ts';
import type { RefreshGate } from '../infra/refresh-gate.ts';
import type { PlatformChange } from '../infra/postgres/change-feed.ts';
import { createStateFeed, type StateFeed } from '../infra/state-feed.ts';
import type { GatewayParts } from './gateway-parts.ts';
import type { OfflineGuard } from './offline-access.ts';
import type { SessionRepository } from './session-repository.ts';

export interface SessionService {
  watch(signal?: AbortSignal): AsyncGenerator<SessionState, void, unknown>;
  /** Asks the database again who the operator is: their raises of the last 24 h changed. */
  refresh(): void;
  readonly missed: SessionRepository['missed'];
  readonly watchers: number;
  close(): void;
}

export interface SessionSources {
  readonly about: Pick<SessionState, 'profile' | 'shell' | 'version'>;
  /** The last migration that this program knows; null: unknown. */
  readonly schema: string | null;
  readonly login: string;
  readonly repository: SessionRepository;
  readonly database: StateFeed<LinkState>;
  readonly gateway: StateFeed<LinkState>;
  readonly parts: Pick<StateFeed<GatewayParts>, 'get' | 'subscribe'>;
  readonly access: OfflineGuard;
  readonly gate: RefreshGate;
  /** What the console keeps for the time without a platform; asked each minute and with each change. */
  readonly kept: { readonly trouble: string | null };
  readonly changes: { onChange(hear: (change: PlatformChange) => void): () => void };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Raises leave the 24-hour window without anybody telling. */
const REFRESH_MS = 60_000;
/** After a read that failed though the database is there: changes wait for it. */
const AGAIN_MS = 1_000;

/**
 * Who is signed in and how the platform's parts answer. A platform that is away signs nobody out: the operator stays as
 * last told, for as long as what was kept may be shown.
 */
export function createSessionService(sources: SessionSources): SessionService {
  const { about, clock, database, gateway, parts, access, gate } = sources;
  const refreshed = gate.part();
  const strangerSentence = `The login "${sources.login}" is no operator of this platform, or was disabled. Ask an admin.`;
  /** Set while the database answers, but not to an operator. */
  let stranger: LinkState | null = null;
  let skew: string[] = [];
  let cancelAgain = (): void => undefined;
  let closed = false;
  const feed = createStateFeed<SessionState>(now());

  function now(): SessionState {
    const link = database.get();
    const who = access.feed.get();
    const known = who.state === 'live' || who.state === 'kept' ? who : null;
    const { returns, open } = gate.feed.get();
    return {
      ...about,
      operator: known?.operator ?? null,
      database: link.state === 'live' && stranger ? stranger : link,
      gateway: gateway.get(),
      ...parts.get(),
      offlineSince: link.state === 'away' ? link.since : null,
      dataAsOf: known?.asOf ?? null,
      locked: who.state === 'locked' ? who.refusal.message : null,
      keptTrouble: sources.kept.trouble,
      skew,
      returns,
      refreshed: open,
    };
  }

  async function identify(): Promise<void> {
    const done = refreshed.begin();
    try {
      const { operator, at, schema, gateways } = await sources.repository.whoami();
      skew = [schemaSkew(sources.schema, schema), gatewaySkew(about.version, gateways)].filter(
        (sentence) => sentence !== null,
      );
      stranger = operator ? null : (stranger ?? strangerState());
      if (operator) access.signedIn(operator, at);
      else access.refused(new OperatorError('UNAUTHORIZED', strangerSentence));
      done();
    } catch (error) {
      if (!(error instanceof OperatorError)) sources.log.error('The operator could not be read.', error);
      done(error);
      if (database.get().state === 'live' && !closed) againSoon();
    }
    feed.set(now());
  }

  function againSoon(): void {
    cancelAgain();
    cancelAgain = clock.after(AGAIN_MS, () => void identify());
  }

  function strangerState(): LinkState {
    return { state: 'away', since: clock.now(), reason: strangerSentence };
  }

  function hearChange(change: PlatformChange): void {
    if (change.kind === 'resync' || change.topic === 'operators') void identify();
  }

  const tell = (): void => feed.set(now());
  const stops = [
    database.subscribe(tell),
    gateway.subscribe(tell),
    parts.subscribe(tell),
    access.feed.subscribe(tell),
    gate.feed.subscribe(tell),
    sources.changes.onChange(hearChange),
    clock.every(REFRESH_MS, () => void identify()),
  ];
  return {
    watch: (signal) => feed.watch(signal),
    refresh: () => void identify(),
    missed: (forMs) => sources.repository.missed(forMs),
    get watchers() {
      return feed.listeners;
    },
    close() {
      for (const stop of stops) stop();
      cancelAgain();
      closed = true;
      feed.close();
    },
  };
}
