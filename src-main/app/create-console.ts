/**
 * The composition root of the console's main side: ports in, router out. Everything is made here, handed to what needs
 * it, and closed here, the last first. A shell serves the router; it needs nothing else.
 */
import { hash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { implement } from '@orpc/server';
import { createAuditHandlers } from '../audit/audit-handlers.ts';
import { createAuditRepository } from '../audit/audit-repository.ts';
import { createAuditService } from '../audit/audit-service.ts';
import { createChainRepository } from '../audit/chain-repository.ts';
import { createHeadMemory } from '../audit/head-memory.ts';
import { createHeadWatch } from '../audit/head-watch.ts';
import { createBoardHandlers } from '../board/board-handlers.ts';
import { createBoardRepository } from '../board/board-repository.ts';
import { createBoardService } from '../board/board-service.ts';
import { createCapsHandlers } from '../caps/caps-handlers.ts';
import { createCapsRepository } from '../caps/caps-repository.ts';
import { createCapsService } from '../caps/caps-service.ts';
import { contract } from '../contract/contract.ts';
import type { SessionState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import { createExportFolder } from '../infra/export-file.ts';
import { createLiveStream } from '../infra/gateway-client/live-stream.ts';
import { createKeptFile } from '../infra/kept-file.ts';
import type { Logger } from '../infra/logger.ts';
import { createChangeFeed } from '../infra/postgres/change-feed.ts';
import { createKeySecrets } from '../infra/key-secrets.ts';
import { createDatabase } from '../infra/postgres/database.ts';
import { createGrantsHandlers } from '../grants/grants-handlers.ts';
import { createGrantsRepository } from '../grants/grants-repository.ts';
import { createGrantsService } from '../grants/grants-service.ts';
import { createRequestsHandlers } from '../requests/requests-handlers.ts';
import { createRequestsRepository } from '../requests/requests-repository.ts';
import { createRequestsService } from '../requests/requests-service.ts';
import { createPricesHandlers } from '../prices/prices-handlers.ts';
import { createPricesRepository } from '../prices/prices-repository.ts';
import { createIsolationHandlers } from '../isolation/isolation-handlers.ts';
import { createIsolationRepository } from '../isolation/isolation-repository.ts';
import { createIsolationService } from '../isolation/isolation-service.ts';
import { createLimitsHandlers } from '../limits/limits-handlers.ts';
import { createLimitsService } from '../limits/limits-service.ts';
import { createScopedCapsRepository } from '../limits/scoped-caps-repository.ts';
import { createMarginsHandlers } from '../margins/margins-handlers.ts';
import { createMarginsRepository } from '../margins/margins-repository.ts';
import { createMarginsService } from '../margins/margins-service.ts';
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
  /** `postgres://…` with the operator's own login. */
  readonly postgresUrl: string;
  /** Present where that leads through a pooler in transaction mode: the same straight to PostgreSQL, for LISTEN alone. */
  readonly postgresDirectUrl?: string;
  readonly gatewayUrl: string;
  readonly gatewayToken: string;
}

export interface ConsolePorts {
  readonly profile: SessionState['profile'];
  readonly operator: OperatorCredentials;
  readonly shell: SessionState['shell'];
  readonly version: string;
  /** What this console keeps about this platform, for this user alone. */
  readonly dataFolder: string;
  /** Where exports are written. */
  readonly exportFolder: string;
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

  const { postgresUrl, postgresDirectUrl } = operator;
  const database = createDatabase(postgresUrl, log, { pooled: postgresDirectUrl !== undefined });
  closer.add('database', () => database.close());
  const changes = createChangeFeed({ postgresUrl: postgresDirectUrl ?? postgresUrl, clock, log, random });
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
  const capChanged = (tenantId: string): void => {
    board.refresh(tenantId);
    session.refresh();
  };
  const caps = createCapsService(createCapsRepository(database), capChanged);
  const limits = createLimitsService(createScopedCapsRepository(database), capChanged);
  const requests = createRequestsService({
    repository: createRequestsRepository(database),
    changes,
    clock,
    log,
    capChanged,
  });
  closer.add('requests', () => requests.close());
  const tenants = createTenantsService(createTenantsRepository(database), { gateway, clock, log });
  const secrets = createKeySecrets({ randomBytes: ports.randomBytes, clock });
  closer.add('secrets of new keys', () => secrets.close());
  const clients = createClientService(createClientRepository(database), secrets, (tenantId) => board.refresh(tenantId));
  const keys = createKeysService(createKeysRepository(database), secrets);
  const grants = createGrantsService({ repository: createGrantsRepository(database), changes, clock, log });
  closer.add('grants', () => grants.close());
  const margins = createMarginsService({ repository: createMarginsRepository(database), gateway, changes, clock, log });
  closer.add('margins', () => margins.close());
  const chains = createChainRepository(database);
  const { name: profile } = ports.profile;
  const heads = `audit-heads-${hash('sha256', `${profile}\n${operator.login}`, 'hex').slice(0, 16)}.json`;
  const memory = createHeadMemory({
    file: createKeptFile(path.join(ports.dataFolder, heads)),
    profile,
    login: operator.login,
    clock,
    log,
  });
  const exports = createExportFolder(ports.exportFolder);
  const audit = createAuditService({
    repository: createAuditRepository(database),
    chains,
    memory,
    watch: createHeadWatch({ repository: chains, memory, changes, clock, log }),
    login: operator.login,
    exports,
    clock,
  });
  closer.add('audit', () => audit.close());
  const isolation = createIsolationService({
    repository: createIsolationRepository(database),
    exports,
    login: operator.login,
    newId: randomUUID,
  });

  const os = implement(contract).use(answeringErrors(log));
  const router = os.router({
    session: createSessionHandlers(session),
    board: createBoardHandlers(board),
    caps: createCapsHandlers(caps),
    limits: createLimitsHandlers(limits),
    requests: createRequestsHandlers(requests),
    tenants: createTenantsHandlers(tenants, clients),
    keys: createKeysHandlers(keys),
    grants: createGrantsHandlers(grants),
    prices: createPricesHandlers(createPricesRepository(database)),
    margins: createMarginsHandlers(margins),
    audit: createAuditHandlers(audit),
    isolation: createIsolationHandlers(isolation),
  });
  return { router, close: () => closer.close() };
}
