import type { LiveGateway } from './live-feed.ts';
import type { LiveState } from './live-state.ts';
import { DEAD_AFTER_MS, openRedis } from './redis-link.ts';
import type { TenantReport } from './live-report.ts';

/*
 * Gateways tell each other over Redis what they know, in absolute values:
 *
 *   HSET td:{tenant}:live <gateway id> <report>   what a gateway that starts later reads; once a second at most
 *   PUBLISH td:live <batch>                       the same, for those that listen now; an empty one is a sign of life
 *
 * A value said twice or lost changes nothing, and a flushed Redis is full again after the next round of everything. No money
 * depends on any of it: with Redis away each gateway shows what it knows itself and PostgreSQL's sums.
 */

export interface LiveExchange {
  /** Tells others of these tenants. */
  publish(changed: ReadonlySet<string>): void;
  /** Redis took what was told lately. */
  readonly connected: boolean;
  /** Other gateways that were heard lately. */
  readonly others: readonly LiveGateway[];
  close(): void;
}

export interface LiveExchangePorts {
  readonly redisUrl: string;
  readonly gatewayId: string;
  readonly gatewayName: string;
  readonly live: LiveState;
  readonly monotonic: () => number;
  /** Others speak of caps of these tenants, or of periods, that are not known here. Never rejects. */
  readonly onUnknownCaps: (tenantIds: readonly string[]) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

interface Batch {
  readonly gateway: string;
  readonly name: string;
  readonly tenants: Readonly<Record<string, TenantReport>>;
}

const CHANNEL = 'td:live';
const EVERYTHING_EVERY_MS = 10_000;
const SIGN_OF_LIFE_MS = 1_000;
const SAVE_EVERY_MS = 1_000;
const GONE_AFTER_MS = 10 * 60 * 1_000;
const KEEP_SECONDS = 3_600;
const TROUBLE_EVERY_MS = 10_000;
/** Something is told each second, and waits a second for its answer. */
const ANSWERED_WITHIN_MS = 3_000;

export function openLiveExchange(ports: LiveExchangePorts): LiveExchange {
  const writer = openRedis(ports.redisUrl, { commandTimeout: 1_000 });
  const listener = openRedis(ports.redisUrl, { commandTimeout: 1_000 });
  const heard = new Map<string, { name: string; at: number }>();
  let lastEverything = Number.NEGATIVE_INFINITY;
  let lastWord = Number.NEGATIVE_INFINITY;
  let lastTrouble = Number.NEGATIVE_INFINITY;
  const openedAt = ports.monotonic();
  let lastAnswer: number | undefined;
  /** Our own words come back on the channel: so long it is heard. */
  let lastEcho = openedAt;

  function trouble(error: unknown): void {
    if (ports.monotonic() - lastTrouble < TROUBLE_EVERY_MS) return;
    lastTrouble = ports.monotonic();
    ports.onTrouble(error);
  }

  async function readEverything(): Promise<void> {
    for (const tenantId of ports.live.tenantIds) {
      for (const [gateway, text] of Object.entries(await writer.hgetall(keyOf(tenantId)))) {
        const report = readReport(text);
        if (gateway !== ports.gatewayId && report !== undefined) note(gateway, tenantId, report);
      }
    }
  }

  /** Told since they were saved. */
  const unsaved = new Set<string>();
  let lastSave = Number.NEGATIVE_INFINITY;

  /** Whose caps are to be read, once the last reading is over. */
  const unknown = new Set<string>();
  let reading = false;

  function note(gatewayId: string, tenantId: string, report: TenantReport): void {
    if (!ports.live.heard(gatewayId, tenantId, report)) unknown.add(tenantId);
  }

  function readUnknown(): void {
    if (reading || unknown.size === 0) return;
    reading = true;
    const tenantIds = [...unknown];
    unknown.clear();
    void ports.onUnknownCaps(tenantIds).finally(() => {
      reading = false;
    });
  }

  function hear(text: string): void {
    const batch = readBatch(text);
    if (batch === undefined) return;
    if (batch.gateway === ports.gatewayId) {
      lastEcho = ports.monotonic();
      return;
    }
    heard.set(batch.gateway, { name: batch.name, at: ports.monotonic() });
    for (const [tenantId, report] of Object.entries(batch.tenants)) {
      note(batch.gateway, tenantId, report);
    }
  }

  writer.on('error', trouble);
  listener.on('error', trouble);
  // What was told while one of them was away: once both are there, others' last words are read, and what they say from then on is heard.
  writer.on('ready', () => {
    lastEverything = Number.NEGATIVE_INFINITY;
    readEverything().catch(trouble);
  });
  listener.on('ready', () => {
    lastEcho = ports.monotonic();
    listener
      .subscribe(CHANNEL)
      .then(() => (writer.status === 'ready' ? readEverything() : undefined))
      .catch(trouble);
  });
  listener.on('message', (_channel: string, text: string) => hear(text));

  function publish(changed: ReadonlySet<string>): void {
    for (const [id, { at }] of heard) {
      if (ports.monotonic() - at < GONE_AFTER_MS) continue;
      heard.delete(id);
      ports.live.forgetGateway(id);
    }
    readUnknown();
    const deaf = lastAnswer !== undefined && lastAnswer - lastEcho > DEAD_AFTER_MS;
    if (deaf && listener.status === 'ready') listener.disconnect(true);
    if (writer.status !== 'ready') return;
    const now = ports.monotonic();
    const everything = now - lastEverything >= EVERYTHING_EVERY_MS;
    if (!everything && changed.size === 0 && now - lastWord < SIGN_OF_LIFE_MS) return;
    lastWord = now;
    if (everything) lastEverything = now;
    const reports = new Map<string, string>();
    for (const tenantId of everything ? ports.live.tenantIds : changed) {
      reports.set(tenantId, JSON.stringify(ports.live.report(tenantId)));
      unsaved.add(tenantId);
    }
    const told = [writer.publish(CHANNEL, batchText(reports)).then(() => true)];
    if (everything || now - lastSave >= SAVE_EVERY_MS) {
      lastSave = now;
      for (const tenantId of unsaved) {
        told.push(save(tenantId, reports.get(tenantId) ?? JSON.stringify(ports.live.report(tenantId)), everything));
      }
      unsaved.clear();
    }
    Promise.all(told).then((taken) => {
      if (!taken.includes(false)) lastAnswer = ports.monotonic();
    }, trouble);
  }

  /** A pipeline a tenant: of a Cluster, its keys alone are sure to lie together. False: not taken. */
  async function save(tenantId: string, report: string, expires: boolean): Promise<boolean> {
    const pipeline = writer.pipeline().hset(keyOf(tenantId), ports.gatewayId, report);
    if (expires) pipeline.expire(keyOf(tenantId), KEEP_SECONDS);
    const answers = await pipeline.exec();
    return answers?.every(([error]) => error === null) === true;
  }

  /** The JSON of a {@link Batch}, of reports that are JSON already. */
  function batchText(reports: ReadonlyMap<string, string>): string {
    const tenants = Array.from(reports, ([id, report]) => `"${id}":${report}`).join(',');
    return `{"gateway":"${ports.gatewayId}","name":${JSON.stringify(ports.gatewayName)},"tenants":{${tenants}}}`;
  }

  return {
    publish,
    get connected() {
      if (lastAnswer !== undefined && writer.status !== 'ready') return false;
      return ports.monotonic() - (lastAnswer ?? openedAt) < ANSWERED_WITHIN_MS;
    },
    get others() {
      return [...heard].map(([id, { name, at }]) => ({ id, name, silentMs: Math.round(ports.monotonic() - at) }));
    },
    close: () => {
      writer.disconnect();
      listener.disconnect();
    },
  };
}

function keyOf(tenantId: string): string {
  return `td:{${tenantId}}:live`;
}

/** Written by our own kind; what is not is left alone. */
function readReport(text: string): TenantReport | undefined {
  try {
    const parsed = JSON.parse(text) as TenantReport;
    return Array.isArray(parsed.caps) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function readBatch(text: string): Batch | undefined {
  try {
    const parsed = JSON.parse(text) as Batch;
    return typeof parsed.gateway === 'string' && typeof parsed.tenants === 'object' ? parsed : undefined;
  } catch {
    return undefined;
  }
}
