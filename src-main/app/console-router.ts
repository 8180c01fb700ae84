import { AsyncIteratorClass, implement, os as procedures, type Router } from '@orpc/server';
import { createAlertsHandlers } from '../alerts/alerts-handlers.ts';
import { createAuditHandlers } from '../audit/audit-handlers.ts';
import { createBoardHandlers } from '../board/board-handlers.ts';
import { createCapsHandlers } from '../caps/caps-handlers.ts';
import { contract, type Contract } from '../contract/contract.ts';
import { createGrantsHandlers } from '../grants/grants-handlers.ts';
import type { Desk } from '../infra/desk.ts';
import type { KnownSecrets } from '../infra/known-secrets.ts';
import type { Logger } from '../infra/logger.ts';
import { createIsolationHandlers } from '../isolation/isolation-handlers.ts';
import { createKeysHandlers } from '../keys/keys-handlers.ts';
import { createLimitsHandlers } from '../limits/limits-handlers.ts';
import { createMarginsHandlers } from '../margins/margins-handlers.ts';
import { createPricesHandlers } from '../prices/prices-handlers.ts';
import { createProfilesHandlers } from '../profiles/profiles-handlers.ts';
import type { ProfilesService } from '../profiles/profiles-service.ts';
import { createReportsHandlers } from '../reports/reports-handlers.ts';
import { createRequestsHandlers } from '../requests/requests-handlers.ts';
import type { Pulse } from '../session/pulse.ts';
import type { WelcomeNote } from '../session/welcome-note.ts';
import { createShellHandlers } from '../shell/shell-handlers.ts';
import type { ShellService } from '../shell/shell-service.ts';
import { createTenantsHandlers } from '../tenants/tenants-handlers.ts';
import type { VaultAccess } from '../vault/vault-access.ts';
import { createVaultHandlers } from '../vault/vault-handlers.ts';
import { answeringErrors, isStream } from './errors.ts';
import { knowingSecrets } from './secret-inputs.ts';
import { countingWork, type WorkUnderWay } from './work-under-way.ts';
import type { OpenWorkspace } from './workspace-place.ts';

/** What a shell serves: every call of the contract implemented, needing no context from the shell. */
export type ConsoleRouter = Router<Contract, object>;

export interface ConsoleRouterParts {
  readonly log: Logger;
  readonly secrets: KnownSecrets;
  readonly work: WorkUnderWay;
  readonly pulse: Pulse;
  readonly now: () => Date;
  readonly welcome: WelcomeNote;
  readonly shell: ShellService;
  /** Throws OperatorError UNAUTHORIZED when no platform is open. */
  readonly workspace: () => OpenWorkspace;
  readonly vaultAccess: VaultAccess;
  readonly profiles: ProfilesService;
  readonly desk: Desk;
}

/**
 * One router for the life of the console. Whatever is about a platform reaches it through the context, at the moment of the call:
 * without an open workspace such a call is refused before its input is read, and a stream ends with the workspace it is of.
 */
export function createConsoleRouter(parts: ConsoleRouterParts): ConsoleRouter {
  const { log, secrets, pulse, workspace, desk } = parts;
  const os = implement(contract)
    .use(knowingSecrets(secrets))
    .use(answeringErrors(log, secrets))
    .use(countingWork(parts.work));
  const inside = os.use(withinWorkspace(workspace));
  const shown = inside.use(unlessLocked(workspace));
  const changed = shown.use(unlessAway(workspace));
  return os.router({
    vault: createVaultHandlers(parts.vaultAccess, desk),
    profiles: createProfilesHandlers(parts.profiles, desk),
    session: {
      watch: inside.session.watch.handler(({ context, signal }) => context.session.watch(signal)),
      missed: shown.session.missed.handler(async ({ context }) => {
        const away = desk.missed();
        if (away === null) return null;
        return { ...away, ...(await context.session.missed(parts.now().getTime() - away.lockedAt.getTime())) };
      }),
      missedSeen: os.session.missedSeen.handler(() => {
        desk.missedSeen();
        return {};
      }),
      // Of the line to the window, whatever is open behind it.
      pulse: os.session.pulse.handler(({ signal }) => pulse.watch(signal)),
    },
    board: shown.board.router(createBoardHandlers()),
    caps: changed.caps.router(createCapsHandlers()),
    limits: changed.limits.router(createLimitsHandlers()),
    alerts: changed.alerts.router(createAlertsHandlers()),
    requests: changed.requests.router(createRequestsHandlers()),
    tenants: changed.tenants.router(createTenantsHandlers()),
    keys: changed.keys.router(createKeysHandlers()),
    grants: changed.grants.router(createGrantsHandlers()),
    prices: shown.prices.router(createPricesHandlers()),
    margins: changed.margins.router(createMarginsHandlers()),
    reports: shown.reports.router(createReportsHandlers()),
    audit: shown.audit.router(createAuditHandlers()),
    isolation: shown.isolation.router(createIsolationHandlers()),
    // Of this machine, whatever is open.
    shell: createShellHandlers(parts.shell),
    welcome: {
      state: os.welcome.state.handler(() => parts.welcome.state()),
      putAway: os.welcome.putAway.handler(() => parts.welcome.putAway()),
    },
  });
}

function withinWorkspace(find: () => OpenWorkspace) {
  return procedures.middleware(async ({ next }) => {
    const { services, closed } = find();
    const result = await next({ context: services });
    const output: unknown = result.output;
    return isStream(output) ? { ...result, output: streamUntil(closed, output) } : result;
  });
}

/** Who may not be shown what was kept is told why, before the input is read; the session tells it too. */
function unlessLocked(find: () => OpenWorkspace) {
  return procedures.middleware(({ next }) => {
    const access = find().access.get();
    if (access.state === 'locked') throw access.refusal;
    return next();
  });
}

/** A change, which is known by its idempotency key, is refused while the platform is away, and until what is shown was read again. */
function unlessAway(find: () => OpenWorkspace) {
  return procedures.middleware(({ next }, input) => {
    if (typeof input === 'object' && input !== null && 'idempotencyKey' in input) find().gate.refuseUnlessOpen();
    return next();
  });
}

/** Ends with the workspace, also while a read waits. */
function streamUntil(closed: AbortSignal, stream: AsyncIterator<unknown>): AsyncIteratorObject<unknown> {
  const end = (): void => void stream.return?.();
  closed.addEventListener('abort', end, { once: true });
  return new AsyncIteratorClass<unknown>(
    () => stream.next(),
    async (reason) => {
      closed.removeEventListener('abort', end);
      if (reason !== 'next') await stream.return?.();
    },
  );
}
