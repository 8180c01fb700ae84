import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { createAdmission } from './admission/admission.ts';
import { createDatabasePools } from './database-pools.ts';
import { createDatabaseClock, type LocalClock } from './gateway-clock.ts';
import { openGatewayHome } from './gateway-home.ts';
import { errorFields, firstLine, hideSettings, refusalFields, type GatewayLog } from './gateway-log.ts';
import { startRounds } from './gateway-rounds.ts';
import { createGatewayServer } from './gateway-server.ts';
import { LARGEST_ANSWER_BYTES, type GatewaySettings } from './gateway-settings.ts';
import { createPostgresAuthority } from './grants/postgres-authority.ts';
import { createRecallDesk } from './grants/recall-desk.ts';
import { createWalletBook } from './grants/wallet-book.ts';
import { closeServer } from './http/close-server.ts';
import { openJournal, readJournal } from './journal/journal.ts';
import { createCallAccounts } from './ledger/call-accounts.ts';
import { createIngestQueue } from './ledger/ingest-queue.ts';
import { ingestBatch } from './ledger/postgres-ledger.ts';
import { createSettledCalls } from './ledger/settled-calls.ts';
import { openLiveExchange } from './live/live-exchange.ts';
import { createLiveFeed } from './live/live-feed.ts';
import { createLiveState } from './live/live-state.ts';
import { createCallHandler } from './calls/call-handler.ts';
import { createProviderHealth } from './calls/provider-health.ts';
import { createProviderPools } from './calls/provider-pools.ts';
import { loadTokenBounds } from './calls/token-bound.ts';
import { listenForChanges } from './policy/change-listener.ts';
import { createPolicyCache } from './policy/policy-cache.ts';
import { createPolicyKeeper } from './policy/policy-keeper.ts';
import { createPolicyRenewal } from './policy/policy-renewal.ts';
import { selectVersions } from './policy/policy-queries.ts';
import { createRefusalNotes, type RefusedCall } from './admission/refusal-notes.ts';
import { openQuotas } from './quotas/open-quotas.ts';
import { recover } from './recovery.ts';
import { createCallCounts } from './operations/call-counts.ts';
import { createCallWatch } from './operations/call-watch.ts';
import { createDrain } from './operations/drain.ts';
import { checkSettings } from './start-checks.ts';
import { tellStart } from './tell-start.ts';

/** Which gateways report. */
export const GATEWAY_VERSION = '0.1.0';

export interface GatewayPorts {
  readonly clock: LocalClock;
  readonly log: GatewayLog;
  /** A new UUID. */
  readonly newId: () => string;
}

export interface Gateway {
  readonly id: string;
  /** "http://127.0.0.1:41001" */
  readonly address: string;
  /** Lets open calls end, brings everything into the ledger, gives the grants back. */
  close(): Promise<void>;
}

const SETTLED_CALLS_KEPT = 20_000;

/** Composition of the gateway. Resolves when it serves; rejects when database or folder are not to be had. */
export async function createGateway(settings: GatewaySettings, ports: GatewayPorts): Promise<Gateway> {
  const { log, newId } = ports;
  hideSettings(log, settings);
  const monotonic = (): number => ports.clock.monotonic();
  const trouble =
    (event: string) =>
    (error: unknown): void =>
      log.warn(event, errorFields(error));
  await checkSettings(settings);
  const home = openGatewayHome(settings.dataFolder);
  const pools = createDatabasePools(settings.databaseUrl, trouble('database connection lost'));
  try {
    return await compose();
  } catch (error) {
    await pools.close();
    home.release();
    throw error;
  }

  async function compose(): Promise<Gateway> {
    const { gatewayId } = home;
    const clock = createDatabaseClock(ports.clock);
    const databaseNow = (): number => clock.now();
    const counts = createCallCounts();
    const drain = createDrain(settings.drain, monotonic, (ms) => pause(ms));
    const setAside = (row: unknown, reason: string): void => {
      counts.setAside += 1;
      log.error('row refused by the ledger, set aside', { reason: firstLine(reason) });
      appendFileSync(home.setAsideFile, `${JSON.stringify({ reason, row })}\n`, { mode: 0o600 });
    };
    const about = { id: gatewayId, name: settings.name, version: GATEWAY_VERSION };
    await tellStart(pools.policy, { ...about, address: 'starting' }, clock, monotonic);
    const recovered = await recover(pools.recovery, gatewayId, readJournal(home.journalFolder), setAside);
    log.info('journal replayed', { ...recovered });
    const policy = createPolicyCache(pools.policy, settings.credentialKey, {
      onCredential: (credential) => log.hide(credential),
      onBadProvider: (provider) =>
        log.error("a provider's credential cannot be opened with this gateway's key", { provider }),
    });
    const live = createLiveState({ databaseNow, walletsOf: (tenantId) => wallets.of(tenantId) });
    const ingest = createIngestQueue({
      monotonic,
      send: (batch) => ingestBatch(pools.ledger, gatewayId, batch),
      onCharged: (caps) => live.charged(caps),
      onSetAside: setAside,
      onTrouble: trouble('ledger not reached'),
    });
    const recalls = createRecallDesk({
      pool: pools.grants,
      gatewayId,
      newId,
      callBack: (tenantId) => wallets.callBack(tenantId),
      onTrouble: trouble('idle money not called back'),
    });
    const wallets = createWalletBook({
      authority: createPostgresAuthority(pools.grants, gatewayId, monotonic, trouble('grants not reached')),
      databaseNow,
      monotonic,
      newId,
      figures: (tenantId, capId, periodStart) => live.figures(tenantId, capId, periodStart),
      onScopes: (tenantId, scopes) => live.seen(tenantId, scopes, !ingest.sending),
      recallElsewhere: (tenantId) => recalls.recall(tenantId),
      onTrouble: trouble('grant not closed'),
    });
    const settledCalls = createSettledCalls(SETTLED_CALLS_KEPT);
    const journalTrouble = (error: unknown): void => {
      counts.journalTrouble += 1;
      log.error('journal cannot be written', errorFields(error));
    };
    const journal = openJournal({ folder: home.journalFolder, onError: journalTrouble });
    const accounts = createCallAccounts({
      journal,
      monotonic,
      record: (row, json, onRecorded) => ingest.record(row, json, onRecorded),
      ...createCallWatch(settledCalls, live, counts, log),
      onJournalTrouble: journalTrouble,
    });
    const exchange = openLiveExchange({
      redisUrl: settings.redisUrl,
      gatewayId,
      gatewayName: settings.name,
      live,
      monotonic,
      onUnknownCaps: (tenantIds) => renewal.readCaps(tenantIds).catch(trouble('caps not read')),
      onTrouble: trouble('redis not reached'),
    });
    const providerHealth = createProviderHealth(monotonic);
    const feed = createLiveFeed({
      live,
      databaseNow,
      gateways: () => [{ id: gatewayId, name: settings.name, silentMs: 0 }, ...exchange.others],
      stores: () => ({ postgres: rounds.databaseHealthy, redis: exchange.connected }),
      providersAway: () => providerHealth.away,
    });
    const renewal = createPolicyRenewal({
      pool: pools.policy,
      policy,
      wallets,
      live,
      ingest,
      onTrouble: trouble('caps not read'),
    });
    const keeper = createPolicyKeeper({
      cache: policy,
      versions: () => selectVersions(pools.policy),
      monotonic,
      onRenewed: (topic, tenantId) => renewal.renewed(topic, tenantId),
      onTrouble: trouble('policy not read'),
    });
    await keeper.start();
    await renewal.readCaps(null);
    const listener = listenForChanges({
      databaseUrl: settings.directUrl ?? settings.databaseUrl,
      onChange: (change) => {
        renewal.announced(change);
        keeper.onChange(change);
      },
      onGatewayWord: (word) => recalls.heard(word),
      onListening: () => void keeper.look(),
      onTrouble: trouble('listening to the database broke off'),
    });
    const quotas = openQuotas({
      redisUrl: settings.redisUrl,
      gatewayId,
      pool: pools.policy,
      policy,
      monotonic,
      databaseNow,
      onTrouble: trouble('quotas are counted by this gateway alone'),
    });
    const admission = createAdmission({
      policy,
      quotas: quotas.desk,
      policyUsable: () => keeper.usable,
      wallets,
      accounts,
      live,
      databaseNow,
      onJournalTrouble: journalTrouble,
    });
    const providers = createProviderPools(
      providerHealth,
      monotonic,
      settings.largestAnswerBytes ?? LARGEST_ANSWER_BYTES,
    );
    const noteRefusal = createRefusalNotes({ live, ingest, databaseNow });
    const onRefused = (call: RefusedCall): void => {
      if (log.tellsCalls) log.debug('call refused', refusalFields(call, policy));
      noteRefusal(call);
    };
    const handleCall = createCallHandler({
      policy,
      tokenBounds: await loadTokenBounds(monotonic),
      admission,
      pools: providers,
      remaining: renewal.remaining,
      usedShare: renewal.usedShare,
      onRefused,
    });

    const rounds = startRounds({
      pools,
      gatewayId,
      clock,
      monotonic,
      live,
      feed,
      exchange,
      wallets,
      keeper,
      refreshCaps: () => renewal.readCaps(null),
      onTrouble: trouble('heartbeat not written'),
    });
    const { app, reconciler } = createGatewayServer({
      about,
      home,
      metricsToken: settings.metricsToken,
      log,
      pools,
      policy,
      keeper,
      renewal,
      live,
      feed,
      exchange,
      journal,
      accounts,
      settledCalls,
      ingest,
      wallets,
      listener,
      rounds,
      clock,
      monotonic,
      newId,
      providers,
      quotas: quotas.desk,
      providerHealth,
      counts,
      drain,
      onRefused,
      handleCall,
    });
    await app.listen({ port: settings.port, host: settings.host });
    const { port } = app.server.address() as AddressInfo;
    const address = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
    await tellStart(pools.policy, { ...about, address }, clock, monotonic);
    let closing: Promise<void> | undefined;

    async function stop(): Promise<void> {
      await drain.notice();
      await closeServer(app, drain.patienceMs);
      // Streams whose client left are still read for their bill.
      const deadline = monotonic() + LEAVING_PATIENCE_MS;
      while (accounts.openCalls > 0 && monotonic() < deadline) await pause(20);
      rounds.stop();
      reconciler.stop();
      await listener.close();
      await ingest.close(LEAVING_PATIENCE_MS);
      await wallets.closeAll();
      exchange.close();
      quotas.close();
      await journal.close();
      providers.close();
      await pools.close();
      home.release();
    }

    return {
      id: gatewayId,
      address,
      close: () => (closing ??= stop()),
    };
  }
}

const LEAVING_PATIENCE_MS = 6_000;
