import { Pool } from 'undici';
import type { ProviderPolicy } from '../policy/policy.ts';
import type { ProviderHealth, SentCall } from './provider-health.ts';

/** A place to send calls to: connections that are kept, and the path before the format's own. */
export interface ProviderRoute {
  readonly pool: Pool;
  /** "/v1", or empty. */
  readonly basePath: string;
  readonly credential: string;
  /** To be told once for each call that goes out. */
  readonly sent: () => SentCall;
}

export interface ProviderPools {
  route(provider: ProviderPolicy): ProviderRoute;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5_000;
const HEADERS_TIMEOUT_MS = 600_000;
const BODY_TIMEOUT_MS = 120_000;
const MOST_CONNECTIONS = 4_096;

/** One pool of kept connections a provider. URL and credential come from the platform's policy alone. */
export function createProviderPools(health: ProviderHealth): ProviderPools {
  const routes = new Map<string, { readonly policy: ProviderPolicy; readonly route: ProviderRoute }>();
  const retired: Promise<void>[] = [];
  return {
    route: (policy) => {
      const known = routes.get(policy.id);
      if (known?.policy === policy) return known.route;
      const url = new URL(policy.baseUrl);
      const samePlace = known !== undefined && known.policy.baseUrl === policy.baseUrl;
      if (known !== undefined && !samePlace) retired.push(known.route.pool.close());
      const route = {
        pool: samePlace
          ? known.route.pool
          : new Pool(url.origin, {
              connections: MOST_CONNECTIONS,
              pipelining: 1,
              connect: { timeout: CONNECT_TIMEOUT_MS },
              headersTimeout: HEADERS_TIMEOUT_MS,
              bodyTimeout: BODY_TIMEOUT_MS,
            }),
        basePath: url.pathname.replace(/\/+$/, ''),
        credential: policy.credential,
        sent: () => health.sent(policy.id),
      };
      routes.set(policy.id, { policy, route });
      return route;
    },
    close: async () => {
      await Promise.allSettled([...retired, ...[...routes.values()].map(({ route }) => route.pool.destroy())]);
    },
  };
}
