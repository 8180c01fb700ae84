/**
 * Hears what changed on the platform (`NOTIFY platform_changed`) on a connection of its own, and knows by it how the
 * database is.
 *
 *   connecting ── opened, login checked, listening ──▶ live
 *   live ── connection lost, or no answer to a heartbeat in time ──▶ away
 *   away ── after a back-off ──▶ (opened again) ──▶ live
 *
 * Whatever happened while it was not live was missed: on each way to live it says `resync`, and whoever keeps a picture
 * reads all of it again. The heartbeat reads `platform.versions`, so that a notification lost by a pooler between (which
 * does not pass LISTEN on) is noticed within a heartbeat as well.
 */
import { Client } from 'pg';
import { z } from 'zod';
import type { LinkState } from '../../contract/session.ts';
import type { TlsTrust } from '../../contract/tls.ts';
import { createBackoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { createLink } from '../link.ts';
import type { Logger } from '../logger.ts';
import { OperatorError } from '../operator-error.ts';
import type { StateFeed } from '../state-feed.ts';
import { tlsSentence } from '../tls-connection.ts';
import { connectionOptions } from './connection-options.ts';
import { toOperatorError } from './database-error.ts';
import { refuseUnboundLogin } from './login-check.ts';

/** resync: anything may have changed. Otherwise one topic, of one tenant or (null) of the whole platform. */
export type PlatformChange =
  { readonly kind: 'resync' } | { readonly kind: 'changed'; readonly topic: string; readonly tenantId: string | null };

export interface ChangeFeed {
  readonly link: StateFeed<LinkState>;
  /** The answer stops it. */
  onChange(hear: (change: PlatformChange) => void): () => void;
  /** Hears that the database does not take this login, before the link says so. The answer stops it. */
  onRefused(hear: (refusal: OperatorError) => void): () => void;
  close(): Promise<void>;
}

export interface ChangeFeedOptions {
  readonly postgresUrl: string;
  readonly tls?: TlsTrust;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: () => number;
  /** Milliseconds between heartbeats. Default 1,000. */
  readonly heartbeatMs?: number;
}

const CHANNEL = 'platform_changed';
const HEARTBEAT_MS = 1_000;
const RETRY = { firstMs: 200, mostMs: 3_000 };
/** A refused login stays refused until somebody mends it. */
const REFUSED_RETRY_MS = 10_000;
/** Milliseconds without an answer to a heartbeat after which the connection counts as lost. */
const ANSWER_TIMEOUT_MS = 3_000;

const notice = z.object({
  topic: z.string(),
  tenant_id: z.uuid().nullish(),
  version: z.union([z.number(), z.string()]).optional(),
});
const versionRow = z.object({ topic: z.string(), version: z.bigint() });

export function createChangeFeed(options: ChangeFeedOptions): ChangeFeed {
  const { clock, log } = options;
  const link = createLink(clock);
  const backoff = createBackoff({ ...RETRY, random: options.random });
  const hearers = new Set<(change: PlatformChange) => void>();
  const refusalHearers = new Set<(refusal: OperatorError) => void>();
  let closed = false;
  let current: Client | undefined;
  let cancelRetry = (): void => undefined;
  let cancelHeartbeat = (): void => undefined;
  let versions = new Map<string, bigint>();

  function tell(change: PlatformChange): void {
    for (const hear of hearers) hear(change);
  }

  async function open(): Promise<void> {
    const client = new Client({ ...connectionOptions(options.postgresUrl, options), query_timeout: ANSWER_TIMEOUT_MS });
    current = client;
    client.on('error', (error) => lost(client, error));
    client.on('end', () => lost(client, new Error('Connection terminated')));
    client.on('notification', (message) => heard(message.payload ?? ''));
    try {
      await client.connect();
      await refuseUnboundLogin(client);
      await client.query(`listen ${CHANNEL}`);
      versions = await readVersions(client);
    } catch (error) {
      lost(client, error);
      return;
    }
    if (closed || current !== client) return;
    backoff.reset();
    link.live();
    tell({ kind: 'resync' });
    beat(client);
  }

  function heard(payload: string): void {
    const parsed = notice.safeParse(parseJson(payload));
    if (!parsed.success) {
      log.warn('A notification of the platform could not be read.', { payload: payload.slice(0, 200) });
      return;
    }
    const { topic, tenant_id: tenantId, version } = parsed.data;
    if (version !== undefined) raise(versions, topic, BigInt(version));
    tell({ kind: 'changed', topic, tenantId: tenantId ?? null });
  }

  function beat(client: Client): void {
    cancelHeartbeat = clock.after(options.heartbeatMs ?? HEARTBEAT_MS, () => {
      readVersions(client).then(
        (found) => {
          if (current !== client) return;
          for (const [topic, version] of found) {
            if (raise(versions, topic, version)) tell({ kind: 'changed', topic, tenantId: null });
          }
          beat(client);
        },
        (error: unknown) => lost(client, error),
      );
    });
  }

  function lost(client: Client, error: unknown): void {
    if (current !== client) return;
    current = undefined;
    cancelHeartbeat();
    client.end().catch(() => undefined);
    if (closed) return;
    const known = toOperatorError(error);
    const refused = known instanceof OperatorError && known.code !== 'UNAVAILABLE';
    if (!(known instanceof OperatorError)) log.error('The change feed failed.', error);
    if (refused) for (const hear of refusalHearers) hear(known);
    const untrusted = tlsSentence(error, 'the database', options.tls ?? null);
    link.away(refused ? known.message : (untrusted ?? 'The database does not answer. Trying again until it does.'));
    cancelRetry = clock.after(refused ? REFUSED_RETRY_MS : backoff.next(), () => void open());
  }

  void open();
  return {
    link: link.feed,
    onChange(hear) {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    onRefused(hear) {
      refusalHearers.add(hear);
      return () => refusalHearers.delete(hear);
    },
    async close() {
      closed = true;
      cancelRetry();
      cancelHeartbeat();
      link.close();
      const client = current;
      current = undefined;
      await client?.end();
    },
  };
}

/** Keeps the higher version; true when `version` was news. */
function raise(versions: Map<string, bigint>, topic: string, version: bigint): boolean {
  const news = version > (versions.get(topic) ?? 0n);
  if (news) versions.set(topic, version);
  return news;
}

async function readVersions(client: Client): Promise<Map<string, bigint>> {
  const { rows } = await client.query('select topic, version::bigint as version from platform.versions');
  return new Map(
    z
      .array(versionRow)
      .parse(rows)
      .map(({ topic, version }) => [topic, version]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
