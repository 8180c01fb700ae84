/**
 * The composition root of the console's main side: ports in, router out. Everything is made here, handed to what needs
 * it, and closed here, the last first. A shell serves the router; it needs nothing else.
 */
import { implement } from '@orpc/server';
import { createAuditHandlers } from '../audit/audit-handlers.ts';
import { createAuditRepository } from '../audit/audit-repository.ts';
import { createAuditService } from '../audit/audit-service.ts';
import { createBoardHandlers } from '../board/board-handlers.ts';
import { createBoardRepository } from '../board/board-repository.ts';
import { createBoardService } from '../board/board-service.ts';
import { createCapsHandlers } from '../caps/caps-handlers.ts';
import { createCapsRepository } from '../caps/caps-repository.ts';
import { createCapsService } from '../caps/caps-service.ts';
import { contract } from '../contract/contract.ts';
import type { SessionState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import { createLiveStream } from '../infra/gateway-client/live-stream.ts';
import type { Logger } from '../infra/logger.ts';
import { createChangeFeed } from '../infra/postgres/change-feed.ts';
import { createKeySecrets } from '../infra/key-secrets.ts';
import { createDatabase } from '../infra/postgres/database.ts';
import { createGrantsHandlers } from '../grants/grants-handlers.ts';
import { createGrantsRepository } from '../grants/grants-repository.ts';
import { createGrantsService } from '../grants/grants-service.ts';
import { createKeysHandlers } from '../keys/keys-handlers.ts';
import { createKeysRepository } from '../keys/keys-repository.ts';
import { createKeysService } from '../keys/keys-service.ts';
import { createGatewayParts } from '../session/gateway-parts.ts';
import { createSessionHandlers } from '../session/session-handlers.ts';
import { createSessionRepository } from '../session/session-repository.ts';
import { createSessionService } from '../session/session-service.ts';
import { createClientRepository } from '../tenants/client-repository.ts';
import { createClientService } from '../tenants/client-service.ts';
import { createTenantsHandlers } from '../tenants/tenants-handlers.ts';
import { createTenantsRepository } from '../tenants/tenants-repository.ts';
import { createTenantsService } from '../tenants/tenants-service.ts';
import { createCloser } from './closer.ts';
import type { ConsoleRouter } from './console-router.ts';
import { answeringErrors } from './errors.ts';

/** The operator's own credentials for one platform; they stay on the main side. */
export interface OperatorCredentials {
  readonly login: string;
  /** `postgres://…` with the operator's own login, directly to PostgreSQL (LISTEN does not pass a pooler). */
  readonly postgresUrl: string;
  readonly gatewayUrl: string;
  readonly gatewayToken: string;
}

export interface ConsolePorts {
  readonly profile: SessionState['profile'];
  readonly operator: OperatorCredentials;
  readonly shell: SessionState['shell'];
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 up to 1; spreads reconnects. */
  readonly random: () => number;
  /** Fit for secrets. */
  readonly randomBytes: (bytes: number) => Buffer;
}

export interface Console {
  readonly router: ConsoleRouter;
  /** Ends the streams and connections. */
  close(): Promise<void>;
}

/** Never fails because the platform is away: that is a state, and the window shows it. */
export async function createConsole(ports: ConsolePorts): Promise<Console> {
  const { operator, clock, log, random } = ports;
  const closer = createCloser(log);

  const database = createDatabase(operator.postgresUrl, log);
  closer.add('database', () => database.close());
  const changes = createChangeFeed({ postgresUrl: operator.postgresUrl, clock, log, random });
  closer.add('change feed', () => changes.close());
  changes.link.subscribe(({ state }) => {
    if (state === 'away') database.renew();
  });
  const { gatewayUrl, gatewayToken } = operator;
  const gateway = createLiveStream({ gatewayUrl, gatewayToken, clock, log, random });
  closer.add('live stream', () => gateway.close());

  const parts = createGatewayParts({ link: gateway.link, onFrame: (hear) => gateway.onFrame(hear), clock });
  closer.add('gateway parts', () => parts.close());
  const session = createSessionService({
    about: { profile: ports.profile, shell: ports.shell, version: ports.version },
    login: operator.login,
    repository: createSessionRepository(database),
    database: changes.link,
    gateway: gateway.link,
    parts,
    changes,
    clock,
    log,
  });
  closer.add('session', () => session.close());
  const board = createBoardService({ repository: createBoardRepository(database), gateway, changes, clock, log });
  closer.add('board', () => board.close());
  const caps = createCapsService(createCapsRepository(database), (tenantId) => {
    board.refresh(tenantId);
    session.refresh();
  });
  const tenants = createTenantsService(createTenantsRepository(database), { gateway, clock, log });
  const secrets = createKeySecrets({ randomBytes: ports.randomBytes, clock });
  closer.add('secrets of new keys', () => secrets.close());
  const clients = createClientService(createClientRepository(database), secrets, (tenantId) => board.refresh(tenantId));
  const keys = createKeysService(createKeysRepository(database), secrets);
  const grants = createGrantsService({ repository: createGrantsRepository(database), changes, clock, log });
  closer.add('grants', () => grants.close());
  const audit = createAuditService(createAuditRepository(database));

  const os = implement(contract).use(answeringErrors(log));
  const router = os.router({
    session: createSessionHandlers(session),
    board: createBoardHandlers(board),
    caps: createCapsHandlers(caps),
    tenants: createTenantsHandlers(tenants, clients),
    keys: createKeysHandlers(keys),
    grants: createGrantsHandlers(grants),
    audit: createAuditHandlers(audit),
  });
  return { router, close: () => closer.close() };
}
