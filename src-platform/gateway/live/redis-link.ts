import { Cluster, Redis, type RedisOptions } from 'ioredis';

/** A connection to one Redis or to a Cluster: the same commands. */
export type RedisLink = Redis | Cluster;

/** A connection on which nothing came for so long is dead, whatever the system believes of it: another one is dialled. */
export const DEAD_AFTER_MS = 2_000;
const REDIAL_MOST_MS = 500;
const AGAIN_MS = 50;

/**
 * Opens it; commands fail at once while it is away. `urls`: one address, or those of some masters of a Cluster with commas between; of a
 * Cluster the first address tells user and password.
 */
export function openRedis(urls: string, options: RedisOptions): RedisLink {
  const shared: RedisOptions = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // Who listens subscribes whenever it is ready: ioredis' own subscribing again ends the process when Redis goes in the middle of it.
    autoResubscribe: false,
    connectTimeout: 2_000,
    disconnectTimeout: 100,
    socketTimeout: DEAD_AFTER_MS,
    ...options,
  };
  const redial = (times: number): number => Math.min(REDIAL_MOST_MS, times * 100);
  const [first = '', ...others] = urls.split(',');
  if (others.length === 0) return new Redis(first, { ...shared, retryStrategy: redial });
  const { username, password, protocol } = new URL(first);
  return new Cluster([first, ...others], {
    enableOfflineQueue: false,
    clusterRetryStrategy: redial,
    retryDelayOnFailover: AGAIN_MS,
    retryDelayOnClusterDown: AGAIN_MS,
    maxRedirections: 4,
    slotsRefreshTimeout: 2_000,
    slotsRefreshInterval: 5_000,
    redisOptions: {
      ...shared,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  });
}
