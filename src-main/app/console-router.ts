import { AsyncIteratorClass, implement, os as procedures, type Router } from '@orpc/server';
import { createAlertsHandlers } from '../alerts/alerts-handlers.ts';
import { createAuditHandlers } from '../audit/audit-handlers.ts';
import { createBoardHandlers } from '../board/board-handlers.ts';
import { createCapsHandlers } from '../caps/caps-handlers.ts';
import { contract, type Contract } from '../contract/contract.ts';
import { createGrantsHandlers } from '../grants/grants-handlers.ts';
import type { Logger } from '../infra/logger.ts';
import { createIsolationHandlers } from '../isolation/isolation-handlers.ts';
import { createKeysHandlers } from '../keys/keys-handlers.ts';
import { createLimitsHandlers } from '../limits/limits-handlers.ts';
import { createMarginsHandlers } from '../margins/margins-handlers.ts';
import { createPricesHandlers } from '../prices/prices-handlers.ts';
import { createReportsHandlers } from '../reports/reports-handlers.ts';
import { createRequestsHandlers } from '../requests/requests-handlers.ts';
import type { Pulse } from '../session/pulse.ts';
import { createTenantsHandlers } from '../tenants/tenants-handlers.ts';
import { answeringErrors, isStream } from './errors.ts';
import type { OpenWorkspace } from './workspace-place.ts';

/** What a shell serves: every call of the contract implemented, needing no context from the shell. */
export type ConsoleRouter = Router<Contract, object>;

export interface ConsoleRouterParts {
  readonly log: Logger;
  readonly pulse: Pulse;
  /** Throws OperatorError UNAUTHORIZED when no platform is open. */
  readonly workspace: () => OpenWorkspace;
}

/**
 * One router for the life of the console. Whatever is about a platform reaches it through the context, at the moment of the call:
 * without an open workspace such a call is refused before its input is read, and a stream ends with the workspace it is of.
 */
export function createConsoleRouter({ log, pulse, workspace }: ConsoleRouterParts): ConsoleRouter {
  const os = implement(contract).use(answeringErrors(log));
  const inside = os.use(withinWorkspace(workspace));
  return os.router({
    session: {
      watch: inside.session.watch.handler(({ context, signal }) => context.session.watch(signal)),
      // Of the line to the window, whatever is open behind it.
      pulse: os.session.pulse.handler(({ signal }) => pulse.watch(signal)),
    },
    board: inside.board.router(createBoardHandlers()),
    caps: inside.caps.router(createCapsHandlers()),
    limits: inside.limits.router(createLimitsHandlers()),
    alerts: inside.alerts.router(createAlertsHandlers()),
    requests: inside.requests.router(createRequestsHandlers()),
    tenants: inside.tenants.router(createTenantsHandlers()),
    keys: inside.keys.router(createKeysHandlers()),
    grants: inside.grants.router(createGrantsHandlers()),
    prices: inside.prices.router(createPricesHandlers()),
    margins: inside.margins.router(createMarginsHandlers()),
    reports: inside.reports.router(createReportsHandlers()),
    audit: inside.audit.router(createAuditHandlers()),
    isolation: inside.isolation.router(createIsolationHandlers()),
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
