import type { LiveState } from './live-state.ts';

/** A gateway in a frame: how long it has been silent. */
export interface LiveGateway {
  readonly id: string;
  readonly name: string;
  readonly silentMs: number;
}

/** What this gateway stands on: without PostgreSQL it spends what it holds, without Redis it knows its own figures alone. */
export interface LiveStores {
  readonly postgres: boolean;
  readonly redis: boolean;
}

/** One who listens: what they may see, and where their lines go. */
export interface Subscriber {
  readonly tenantIds: ReadonlySet<string>;
  /** False: the line was taken but no more should come until it is read. */
  readonly write: (line: string) => boolean;
  /** True while what was written is not read yet. */
  readonly behind: () => boolean;
}

export interface LiveFeed {
  /** The first frame is a snapshot, at once. Answers how to change what they may see, and how to leave. */
  subscribe(subscriber: Subscriber): Subscription;
  /** Every 250 ms with the tenants that changed: each row is made once for everybody. */
  tick(changed: ReadonlySet<string>): void;
  readonly subscribers: number;
}

export interface Subscription {
  /** Begins anew with a snapshot of these. */
  allow(tenantIds: ReadonlySet<string>): void;
  leave(): void;
}

export interface LiveFeedPorts {
  readonly live: LiveState;
  readonly databaseNow: () => number;
  readonly gateways: () => readonly LiveGateway[];
  readonly stores: () => LiveStores;
  /** Providers that do not answer this gateway, and for how long. */
  readonly providersAway: () => readonly { readonly id: string; readonly awayMs: number }[];
}

interface Listener {
  readonly subscriber: Subscriber;
  tenantIds: ReadonlySet<string>;
  needsSnapshot: boolean;
  lastFrameAt: number;
}

const HEARTBEAT_MS = 900;

/**
 * Frames of the live stream. Whoever reads too slowly is left out and gets a snapshot when they caught up, so a frame is always
 * the present and memory stays flat.
 */
export function createLiveFeed(ports: LiveFeedPorts): LiveFeed {
  const listeners = new Set<Listener>();
  /** Rows as last made: a row that reads the same is no change. */
  const lastRows = new Map<string, string>();

  function send(listener: Listener, type: 'snapshot' | 'changes' | 'heartbeat', rows: readonly string[]): void {
    const now = ports.databaseNow();
    listener.lastFrameAt = now;
    const at = new Date(now).toISOString();
    const head = JSON.stringify({
      type,
      at,
      gateways: ports.gateways(),
      stores: ports.stores(),
      providersAway: ports.providersAway(),
    });
    listener.subscriber.write(`${head.slice(0, -1)},"tenants":[${rows.join(',')}]}\n`);
  }

  function snapshot(listener: Listener): void {
    listener.needsSnapshot = false;
    const rows: string[] = [];
    for (const id of listener.tenantIds) rows.push(JSON.stringify(ports.live.row(id)));
    send(listener, 'snapshot', rows);
  }

  return {
    subscribe: (subscriber) => {
      const listener: Listener = {
        subscriber,
        tenantIds: subscriber.tenantIds,
        needsSnapshot: false,
        lastFrameAt: 0,
      };
      listeners.add(listener);
      snapshot(listener);
      return {
        allow: (tenantIds) => {
          listener.tenantIds = tenantIds;
          listener.needsSnapshot = true;
        },
        leave: () => listeners.delete(listener),
      };
    },
    tick: (changed) => {
      if (listeners.size === 0) return;
      const rows = new Map<string, string>();
      for (const id of changed) {
        const row = JSON.stringify(ports.live.row(id));
        if (lastRows.get(id) === row) continue;
        lastRows.set(id, row);
        rows.set(id, row);
      }
      for (const listener of listeners) {
        if (listener.subscriber.behind()) {
          listener.needsSnapshot = true;
        } else if (listener.needsSnapshot) {
          snapshot(listener);
        } else {
          const visible: string[] = [];
          for (const [id, row] of rows) if (listener.tenantIds.has(id)) visible.push(row);
          if (visible.length > 0) send(listener, 'changes', visible);
          else if (ports.databaseNow() - listener.lastFrameAt >= HEARTBEAT_MS) send(listener, 'heartbeat', []);
        }
      }
    },
    get subscribers() {
      return listeners.size;
    },
  };
}
