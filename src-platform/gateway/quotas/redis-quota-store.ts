import { openRedis, type RedisLink } from '../live/redis-link.ts';
import type { CountedQuota } from './quota.ts';
import { COUNTED_QUOTAS } from './quota.ts';
import type { QuotaAnswer, QuotaAsk, QuotaStore, SessionAnswer } from './quota-store.ts';

/*
 * Windows in Redis, one key each, with the tenant as hash tag, so that a Cluster takes them:
 *
 *   td:{tenant}:quota:<quota>:<start>   used  handed out to all gateways, spent or not;  recall  how often somebody found no room;
 *                                       g:<gateway>  what that one held unspent when it last spoke, and the last recall before that;
 *                                       n:<gateway>  how many messages that one sent: it knows, and so finds out that Redis was set back
 *   td:{tenant}:sessions                sorted by last use
 *
 * A window ends by its name; keys expire a minute later. What a window hands out ahead shrinks with what is left, an eighth at most.
 */

const EXCHANGE = `
local gateway, key = ARGV[1], KEYS[1]
local used = tonumber(redis.call('HGET', key, 'used'))
local told = tonumber(redis.call('HGET', key, 'n:' .. gateway) or '0')
local limit, need, smallest, want, change, idle = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if used and told >= tonumber(ARGV[11]) then
  used = math.max(0, used + change)
else
  if ARGV[9] == '' then return {-1, 0, 0, 0} end
  used = math.max(used or 0, tonumber(ARGV[9])) + tonumber(ARGV[12])
end
told = math.max(told, tonumber(ARGV[11])) + 1
redis.call('HSET', key, 'n:' .. gateway, string.format('%.0f', told))
local rest = limit - used
local take = 0
if need > 0 then
  if rest >= need then
    take = need + math.max(0, math.min(want - need, math.floor((rest - need) / 8)))
  elseif rest > 0 and rest >= smallest then
    take = rest
  end
end
used = used + take
redis.call('HSET', key, 'used', string.format('%.0f', used))
idle = idle + math.max(0, take - need)
local recall = tonumber(redis.call('HGET', key, 'recall') or '0')
local owing = 0
if take < need then
  if ARGV[10] == '1' then recall = redis.call('HINCRBY', key, 'recall', 1) end
  local all = redis.call('HGETALL', key)
  for n = 1, #all, 2 do
    if string.sub(all[n], 1, 2) == 'g:' and all[n] ~= 'g:' .. gateway then
      local _, _, held, heard = string.find(all[n + 1], '^(%d+) (%d+)$')
      if tonumber(held) > 0 or tonumber(heard) < recall then owing = owing + 1 end
    end
  end
end
redis.call('HSET', key, 'g:' .. gateway, string.format('%.0f %.0f', idle, recall))
redis.call('PEXPIRE', key, ARGV[8])
return {take, used, owing, told}
`;

const OPEN_SESSION = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local idle = tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - idle)
local open = redis.call('ZCARD', KEYS[1])
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if known or open < tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], idle)
  if not known then open = open + 1 end
  return {1, open, 0}
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local ends = idle
if first[2] then ends = tonumber(first[2]) + idle - now end
return {0, open, ends}
`;

/** Later words alone count: [session, milliseconds ago] … */
const TOUCH_SESSIONS = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for n = 2, #ARGV, 2 do
  local at = now - tonumber(ARGV[n + 1])
  local known = redis.call('ZSCORE', KEYS[1], ARGV[n])
  if not known or tonumber(known) < at then redis.call('ZADD', KEYS[1], at, ARGV[n]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`;

export interface RedisQuotaStorePorts {
  readonly redisUrl: string;
  readonly gatewayId: string;
  readonly monotonic: () => number;
  readonly databaseNow: () => number;
  /** Another gateway needs what lies idle here. */
  readonly onRecall: (tenantId: string, quota: CountedQuota) => void;
  readonly onTrouble: (error: unknown) => void;
}

const CHANNEL = 'td:quotas';
const ANSWER_MS = 1_000;
/** After a silence nobody waits again so long. */
const AWAY_MS = 500;
const KEPT_AFTER_MS = 60_000;
const TROUBLE_EVERY_MS = 10_000;

export function createRedisQuotaStore(ports: RedisQuotaStorePorts): QuotaStore {
  const options = { commandTimeout: ANSWER_MS };
  const writer = openRedis(ports.redisUrl, options);
  const listener = openRedis(ports.redisUrl, {});
  /** A tenant's keys lie on one node: of a Cluster others may be there while it is away. */
  const awayUntil = new Map<string, number>();
  let lastTrouble = Number.NEGATIVE_INFINITY;

  function trouble(error: unknown): void {
    if (ports.monotonic() - lastTrouble < TROUBLE_EVERY_MS) return;
    lastTrouble = ports.monotonic();
    ports.onTrouble(error);
  }
  writer.on('error', trouble);
  listener.on('error', trouble);
  listener.on('ready', () => void listener.subscribe(CHANNEL).catch(trouble));
  listener.on('message', (_channel: string, text: string) => {
    const [gatewayId, tenantId, quota] = text.split(' ');
    const known = COUNTED_QUOTAS.find((name) => name === quota);
    if (gatewayId !== ports.gatewayId && tenantId !== undefined && known !== undefined) ports.onRecall(tenantId, known);
  });

  /** Undefined: away. */
  async function run(tenantId: string, script: string, key: string, values: (string | number)[]): Promise<unknown> {
    const until = awayUntil.get(tenantId);
    if (writer.status !== 'ready' || (until !== undefined && ports.monotonic() < until)) return undefined;
    try {
      const answer = await evaluate(writer, script, key, values);
      if (until !== undefined) awayUntil.delete(tenantId);
      return answer;
    } catch (error) {
      awayUntil.set(tenantId, ports.monotonic() + AWAY_MS);
      trouble(error);
      return undefined;
    }
  }

  return {
    async exchange(ask: QuotaAsk): Promise<QuotaAnswer | 'away' | 'unseeded'> {
      const key = `td:{${ask.tenantId}}:quota:${ask.quota}:${ask.windowStart}`;
      const seed = ask.seed === undefined ? '' : String(ask.seed);
      const { limit, need, smallest, want, change, idle } = ask;
      const expires = Math.max(0, Math.round(ask.windowEnd - ports.databaseNow())) + KEPT_AFTER_MS;
      const figures = [limit, need, smallest, want, change, idle].map(Math.round);
      const answer = await run(ask.tenantId, EXCHANGE, key, [
        ports.gatewayId,
        ...figures,
        expires,
        seed,
        ask.recall ? '1' : '0',
        ask.told,
        Math.round(ask.mine),
      ]);
      const read = numbers(answer);
      if (read === undefined) return 'away';
      const [granted, used, owing, told] = read;
      return granted < 0 ? 'unseeded' : { granted, used, owing, told };
    },
    recall: (tenantId, quota) => {
      if (writer.status !== 'ready') return;
      writer.publish(CHANNEL, `${ports.gatewayId} ${tenantId} ${quota}`).catch(trouble);
    },
    async openSession(tenantId, session, limit, idleMs): Promise<SessionAnswer | 'away'> {
      const read = numbers(await run(tenantId, OPEN_SESSION, sessionsOf(tenantId), [session, limit, idleMs]));
      if (read === undefined) return 'away';
      const [admitted, open, firstEndsIn] = read;
      return { admitted: admitted === 1, open, firstEndsIn };
    },
    touchSessions: (tenantId, sessions, idleMs) => {
      const pairs = sessions.flatMap(([session, ago]) => [session, Math.round(ago)]);
      void run(tenantId, TOUCH_SESSIONS, sessionsOf(tenantId), [idleMs, ...pairs]);
    },
    close: () => {
      writer.disconnect();
      listener.disconnect();
    },
  };
}

const sessionsOf = (tenantId: string): string => `td:{${tenantId}}:sessions`;

/** By the script's text: short, and nothing is lost when Redis forgot what it was taught. */
function evaluate(redis: RedisLink, script: string, key: string, values: (string | number)[]): Promise<unknown> {
  return redis.eval(script, 1, key, ...values);
}

/** Three or four whole numbers. */
function numbers(answer: unknown): readonly [number, number, number, number] | undefined {
  if (!Array.isArray(answer)) return undefined;
  const [first, second, third, fourth = 0] = answer.map(Number);
  if (first === undefined || second === undefined || third === undefined) return undefined;
  return [first, second, third, fourth];
}
