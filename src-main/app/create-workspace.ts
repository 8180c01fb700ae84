/**
 * All that works on one platform through one operator's login: made when a profile is opened, handed to what needs it, and
 * closed here, the last first. What is there without a platform is in create-console.ts.
 */
import { hash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { createAlertsRepository } from '../alerts/alerts-repository.ts';
import { createAlertsService, type AlertsService } from '../alerts/alerts-service.ts';
import { createAuditRepository } from '../audit/audit-repository.ts';
import { createAuditService, type AuditService } from '../audit/audit-service.ts';
import { createChainRepository } from '../audit/chain-repository.ts';
import { createHeadMemory } from '../audit/head-memory.ts';
import { createHeadWatch } from '../audit/head-watch.ts';
import { createBoardKeeper } from '../board/board-keeper.ts';
import { createBoardRepository } from '../board/board-repository.ts';
import { createBoardService, type BoardService } from '../board/board-service.ts';
import { createCapsRepository } from '../caps/caps-repository.ts';
import { createCapsService, type CapsService } from '../caps/caps-service.ts';
import type { ReportFolder } from '../contract/reports.ts';
import type { SessionState } from '../contract/session.ts';
import type { Clock } from '../infra/clock.ts';
import { createExportFolder } from '../infra/export-file.ts';
import type { OpenCache } from '../infra/cache/encrypted-cache.ts';
import { createGuardedCache } from '../infra/cache/guarded-cache.ts';
import { createLiveStream } from '../infra/gateway-client/live-stream.ts';
import type { Keeping } from '../infra/keeping.ts';
import { createKeptFile } from '../infra/kept-file.ts';
import type { KnownSecrets } from '../infra/known-secrets.ts';
import type { Logger } from '../infra/logger.ts';
import type { PdfPrinter } from '../infra/pdf-printer.ts';
import { createReportFolders, type AskForFolder } from '../infra/report-folders.ts';
import { createChangeFeed } from '../infra/postgres/change-feed.ts';
import { createRefreshGate, type RefreshGate } from '../infra/refresh-gate.ts';
import type { StateFeed } from '../infra/state-feed.ts';
import { createKeySecrets } from '../infra/key-secrets.ts';
import { createDatabase } from '../infra/postgres/database.ts';
import { createGrantsRepository } from '../grants/grants-repository.ts';
import { createGrantsService, type GrantsService } from '../grants/grants-service.ts';
import { createReports } from '../reports/create-reports.ts';
import type { ReportsService } from '../reports/reports-service.ts';
import { createRequestsRepository } from '../requests/requests-repository.ts';
import { createRequestsService, type RequestsService } from '../requests/requests-service.ts';
import { createPricesRepository, type PricesRepository } from '../prices/prices-repository.ts';
import { createIsolationRepository } from '../isolation/isolation-repository.ts';
import { createIsolationService, type IsolationService } from '../isolation/isolation-service.ts';
import { createDowngradesRepository } from '../limits/downgrades-repository.ts';
import { createLimitsService, type LimitsService } from '../limits/limits-service.ts';
import { createModelsRepository } from '../limits/models-repository.ts';
import { createQuotasRepository } from '../limits/quotas-repository.ts';
import { createScopedCapsRepository } from '../limits/scoped-caps-repository.ts';
import { createMarginsRepository } from '../margins/margins-repository.ts';
import { createMarginsService, type MarginsService } from '../margins/margins-service.ts';
import { createKeysRepository } from '../keys/keys-repository.ts';
import { createKeysService, type KeysService } from '../keys/keys-service.ts';
import { createGatewayParts } from '../session/gateway-parts.ts';
import { createOfflineGuard, type OfflineAccess } from '../session/offline-access.ts';
import { createSessionRepository } from '../session/session-repository.ts';
import { createSessionService, type SessionService } from '../session/session-service.ts';
import { createClientRepository } from '../tenants/client-repository.ts';
import { createClientService, type ClientService } from '../tenants/client-service.ts';
import { createTenantsRepository } from '../tenants/tenants-repository.ts';
import { createTenantsService, type TenantsService } from '../tenants/tenants-service.ts';
import { createCloser } from './closer.ts';
import type { OpenedProfile } from './opened-profile.ts';
import { secretsOf } from './operator-credentials.ts';

/** What every workspace gets from the console, whatever it is opened on. */
export interface WorkspacePorts {
  readonly shell: SessionState['shell'];
  readonly version: string;
  /** The last migration that this program knows; null: unknown. */
  readonly schema: string | null;
  /** What this console keeps about its platforms, for this user alone. */
  readonly dataFolder: string;
  /** Where exports are written. */
  readonly exportFolder: string;
  /** Where reports may be written, the usual one first; the shell's own dialog for another, where it has one. */
  readonly reportFolders: {
    readonly known: readonly [ReportFolder, ...ReportFolder[]];
    readonly ask: AskForFolder | null;
  };
  /** The shell's; ended with the console. */
  readonly printer: PdfPrinter;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the log is to be kept free of. */
  readonly secrets: KnownSecrets;
  /** From 0 up to 1; spreads reconnects. */
  readonly random: () => number;
  /** Fit for secrets. */
  readonly randomBytes: (bytes: number) => Buffer;
}

/** What the handlers of the contract call, by the names they know it under. */
export interface WorkspaceServices {
  readonly session: SessionService;
  readonly board: BoardService;
  readonly caps: CapsService;
  readonly limits: LimitsService;
  readonly alerts: AlertsService;
  readonly requests: RequestsService;
  readonly tenants: TenantsService;
  readonly clients: ClientService;
  readonly keys: KeysService;
  readonly grants: GrantsService;
  readonly prices: PricesRepository;
  readonly margins: MarginsService;
  readonly reports: ReportsService;
  readonly audit: AuditService;
  readonly isolation: IsolationService;
}

export interface Workspace {
  readonly services: WorkspaceServices;
  /** Whether anything of the platform may be shown. */
  readonly access: StateFeed<OfflineAccess>;
  /** Whether anything of it may be changed. */
  readonly gate: RefreshGate;
  /** Ends the streams and connections. */
  close(): Promise<void>;
}

/** Never fails because the platform is away: that is a state, and the window shows it. */
export function createWorkspace(opened: OpenedProfile, ports: WorkspacePorts, openCache: OpenCache): Workspace {
  const { operator } = opened;
  const { clock, log, random } = ports;
  const closer = createCloser(log);
  closer.add('secrets', ports.secrets.add(secretsOf(operator)));

  const file = (kind: string, ending: string): string =>
    path.join(
      ports.dataFolder,
      `${kind}-${hash('sha256', `${opened.keptAs}\n${operator.login}`, 'hex').slice(0, 16)}.${ending}`,
    );
  const cache = openCache({ file: file('cache', 'db'), key: opened.cacheKey, log });
  closer.add('cache', () => cache.close());

  const { postgresUrl, postgresDirectUrl, postgresTls } = operator;
  const database = createDatabase(postgresUrl, log, { pooled: postgresDirectUrl !== undefined, tls: postgresTls });
  closer.add('database', () => database.close());
  const changes = createChangeFeed({
    postgresUrl: postgresDirectUrl ?? postgresUrl,
    tls: postgresTls,
    clock,
    log,
    random,
  });
  closer.add('change feed', () => changes.close());
  changes.link.subscribe(({ state }) => {
    if (state === 'away') database.renew();
  });
  const { gatewayUrl, gatewayToken } = operator;
  const gateway = createLiveStream({ gatewayUrl, tls: operator.gatewayTls, gatewayToken, clock, log, random });
  closer.add('live stream', () => gateway.close());

  const access = createOfflineGuard({ cache, login: operator.login, database: changes.link, clock });
  closer.add('offline access', () => access.close());
  changes.onRefused((refusal) => access.refused(refusal));
  const gate = createRefreshGate(changes.link);
  closer.add('refresh gate', () => gate.close());
  const keeping: Keeping = { cache: createGuardedCache(cache, () => access.isOpen()), access: access.feed, gate };

  const parts = createGatewayParts({ link: gateway.link, onFrame: (hear) => gateway.onFrame(hear), clock });
  closer.add('gateway parts', () => parts.close());
  const session = createSessionService({
    about: { profile: opened.profile, shell: ports.shell, version: ports.version },
    schema: ports.schema,
    login: operator.login,
    repository: createSessionRepository(database),
    database: changes.link,
    gateway: gateway.link,
    parts,
    access,
    gate,
    kept: cache,
    changes,
    clock,
    log,
  });
  closer.add('session', () => session.close());
  const board = createBoardService({ repository: createBoardRepository(database), gateway, changes, gate, clock, log });
  closer.add('board', () => board.close());
  const boardKeeper = createBoardKeeper({ board, keeping, clock });
  closer.add('kept board', () => boardKeeper.close());
  const capChanged = (tenantId: string): void => {
    board.refresh(tenantId);
    session.refresh();
  };
  const caps = createCapsService(createCapsRepository(database), capChanged);
  const limits = createLimitsService(
    {
      caps: createScopedCapsRepository(database),
      quotas: createQuotasRepository(database),
      downgrades: createDowngradesRepository(database),
      models: createModelsRepository(database),
    },
    capChanged,
  );
  const alerts = createAlertsService({ repository: createAlertsRepository(database), changes, clock, log });
  closer.add('alerts', () => alerts.close());
  const requests = createRequestsService({
    repository: createRequestsRepository(database),
    keeping,
    changes,
    clock,
    log,
    capChanged,
  });
  closer.add('requests', () => requests.close());
  const tenants = createTenantsService(createTenantsRepository(database), { gateway, keeping, clock, log });
  const secrets = createKeySecrets({ randomBytes: ports.randomBytes, clock });
  closer.add('secrets of new keys', () => secrets.close());
  const clients = createClientService(createClientRepository(database), secrets, (tenantId) => board.refresh(tenantId));
  const keys = createKeysService(createKeysRepository(database), secrets);
  const grants = createGrantsService({ repository: createGrantsRepository(database), changes, clock, log });
  closer.add('grants', () => grants.close());
  const margins = createMarginsService({
    repository: createMarginsRepository(database),
    gateway,
    changes,
    keeping,
    clock,
    log,
  });
  closer.add('margins', () => margins.close());
  const reports = createReports({
    database,
    link: changes.link,
    cache: keeping.cache,
    printer: ports.printer,
    folders: createReportFolders({
      ...ports.reportFolders,
      file: createKeptFile(path.join(ports.dataFolder, 'report-folder.json')),
      log,
    }),
    newId: randomUUID,
    clock,
    log,
  });
  closer.add('reports', () => reports.close());
  const chains = createChainRepository(database);
  const memory = createHeadMemory({
    file: createKeptFile(file('audit-heads', 'json')),
    profile: opened.keptAs,
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

  return {
    services: {
      session,
      board,
      caps,
      limits,
      alerts,
      requests,
      tenants,
      clients,
      keys,
      grants,
      prices: createPricesRepository(database),
      margins,
      reports,
      audit,
      isolation,
    },
    access: access.feed,
    gate,
    close: () => closer.close(),
  };
}
