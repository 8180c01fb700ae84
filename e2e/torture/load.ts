import type { TestTenant } from '../../src-platform/gateway/testing/tenant-calls.ts';
import { createClients, makeCall, planCall, type Call } from './call.ts';
import type { Scene } from './scene.ts';

/** Callers that go on until they are told to stop, or have made so many calls. */
export interface Load {
  readonly calls: readonly Call[];
  /** Resolves when the last answer is there. */
  stop(): Promise<void>;
  /** Resolves when all calls are made. */
  readonly done: Promise<void>;
}

export interface LoadOptions {
  readonly scene: Pick<Scene, 'site' | 'random' | 'signal'>;
  readonly tenants: readonly TestTenant[];
  readonly callers: number;
  /** Calls in all; default: until stopped. */
  readonly most?: number;
  readonly onCall?: (call: Call) => void;
}

/** One tenant after the other is everybody's favourite for so many calls. */
const FAVOURITE_FOR = 500;
const FAVOURITE_SHARE = 0.6;

let loads = 0;

/** Each caller calls a random gateway for a random tenant, one call after the other. */
export function startLoad({ scene, tenants, callers, most, onCall }: LoadOptions): Load {
  const { site, random, signal } = scene;
  const clients = createClients();
  const leave = (): void => void clients.destroy();
  signal.addEventListener('abort', leave);
  const calls: Call[] = [];
  loads += 1;
  const name = `load${loads}`;
  const stopping = new AbortController();
  let made = 0;

  async function caller(): Promise<void> {
    while (!stopping.signal.aborted && !signal.aborted && made < (most ?? Number.POSITIVE_INFINITY)) {
      made += 1;
      const favourite = tenants[Math.floor(made / FAVOURITE_FOR) % tenants.length];
      const other = tenants[Math.floor(random() * tenants.length)];
      const tenant = random() < FAVOURITE_SHARE ? favourite : other;
      const gateway = site.gateways[Math.floor(random() * site.gateways.length)];
      if (tenant === undefined || gateway === undefined) return;
      const call = await makeCall(clients, gateway.address, planCall(tenant, `${name}-${made}`, random));
      calls.push(call);
      site.provider.requests.length = 0;
      onCall?.(call);
      // Nobody is there: as fast as that would only heat the machine.
      if (call.status === 0) await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  }

  const done = Promise.all(Array.from({ length: callers }, caller)).then(() => {
    signal.removeEventListener('abort', leave);
    return signal.aborted ? undefined : clients.close();
  });
  return {
    calls,
    done,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
