import { Client } from 'pg';
import { RECALL_CHANNEL } from '../grants/recall-desk.ts';

/** What PostgreSQL announces on `platform_changed`. */
export interface Change {
  readonly topic: string;
  /** Null: all tenants, or none in particular. */
  readonly tenantId: string | null;
  readonly version: number;
}

export interface ChangeListener {
  readonly listening: boolean;
  close(): Promise<void>;
}

export interface ChangeListenerPorts {
  readonly databaseUrl: string;
  readonly onChange: (change: Change) => void;
  /** What gateways say to each other. */
  readonly onGatewayWord: (word: string) => void;
  /** Listening began (again): what was announced before may have been missed. */
  readonly onListening: () => void;
  readonly onTrouble: (error: unknown) => void;
}

const REDIAL_MS = 250;
const DIAL_TIMEOUT_MS = 2_000;
const PULSE_EVERY_MS = 1_000;
const PULSE_TIMEOUT_MS = 3_000;

/**
 * Listens on a connection of its own (a pooled one would lose the subscription) and dials again for ever. Who only listens never
 * notices that nobody is there any more, so something is asked each second.
 */
export function listenForChanges(ports: ChangeListenerPorts): ChangeListener {
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pulse: NodeJS.Timeout | undefined;
  let closed = false;
  let listening = false;

  function redial(): void {
    clearInterval(pulse);
    listening = false;
    client = undefined;
    if (!closed) timer = setTimeout(() => void dial(), REDIAL_MS);
  }

  async function dial(): Promise<void> {
    const dialled = new Client({
      connectionString: ports.databaseUrl,
      connectionTimeoutMillis: DIAL_TIMEOUT_MS,
      query_timeout: PULSE_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'tenantdesk-gateway-listen',
    });
    client = dialled;
    let over = false;
    const lost = (error?: unknown): void => {
      if (over) return;
      over = true;
      void end(dialled);
      if (!closed && error !== undefined) ports.onTrouble(error);
      redial();
    };
    dialled.on('error', lost);
    dialled.on('end', () => lost());
    dialled.on('notification', ({ channel, payload }) => {
      if (channel === RECALL_CHANNEL) {
        ports.onGatewayWord(payload ?? '');
        return;
      }
      const change = readChange(payload);
      if (change !== undefined) ports.onChange(change);
    });
    try {
      await dialled.connect();
      await dialled.query(`listen platform_changed; listen ${RECALL_CHANNEL}`);
      listening = true;
      let waiting = false;
      pulse = setInterval(() => {
        if (waiting) return;
        waiting = true;
        dialled.query('select').then(() => (waiting = false), lost);
      }, PULSE_EVERY_MS);
      ports.onListening();
    } catch (error) {
      lost(error);
    }
  }

  async function end(ended: Client): Promise<void> {
    await ended.end().catch(() => undefined);
  }

  void dial();
  return {
    get listening() {
      return listening;
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      clearInterval(pulse);
      if (client !== undefined) await end(client);
    },
  };
}

function readChange(payload: string | undefined): Change | undefined {
  if (payload === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const topic: unknown = Reflect.get(parsed, 'topic');
  const tenantId: unknown = Reflect.get(parsed, 'tenant_id');
  const version: unknown = Reflect.get(parsed, 'version');
  if (typeof topic !== 'string') return undefined;
  return {
    topic,
    tenantId: typeof tenantId === 'string' ? tenantId : null,
    version: typeof version === 'number' ? version : 0,
  };
}
