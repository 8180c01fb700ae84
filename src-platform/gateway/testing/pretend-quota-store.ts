import type { CountedQuota } from '../quotas/quota.ts';
import type { QuotaAccount } from '../quotas/quota-account.ts';
import type { QuotaAnswer, QuotaAsk, QuotaStore, SessionAnswer } from '../quotas/quota-store.ts';

/** What Redis does, in memory: windows by name, what each gateway holds unspent. */
export interface PretendQuotaStore {
  /** A gateway's way to it. `accounts`: what others' recalls reach. */
  link(gatewayId: string, accounts: () => Iterable<QuotaAccount>): QuotaStore;
  /** Nobody reaches it. */
  away: boolean;
  /** Handed out in all windows. */
  readonly handedOut: number;
  readonly asks: number;
  /** Everything in it is gone, as after a flush. */
  flush(): void;
  /** As it is now. @returns sets it back to that, as a restart from an old file does */
  remember(): () => void;
}

interface Window {
  used: number;
  recall: number;
  readonly gateways: Map<string, { readonly idle: number; readonly heard: number }>;
  readonly told: Map<string, number>;
}

/** `time`: its clock in milliseconds, for sessions. */
export function createPretendQuotaStore(time: { readonly now: number } = { now: 0 }): PretendQuotaStore {
  const windows = new Map<string, Window>();
  const sessions = new Map<string, Map<string, number>>();
  const gateways = new Map<string, () => Iterable<QuotaAccount>>();
  let asks = 0;

  function exchange(gatewayId: string, ask: QuotaAsk): QuotaAnswer | 'away' | 'unseeded' {
    if (pretend.away) return 'away';
    asks += 1;
    const key = `${ask.tenantId} ${ask.quota} ${ask.windowStart}`;
    const known = windows.get(key);
    const told = known?.told.get(gatewayId) ?? 0;
    const forgot = known === undefined || told < ask.told;
    if (forgot && ask.seed === undefined) return 'unseeded';
    const window: Window = known ?? { used: 0, recall: 0, gateways: new Map(), told: new Map() };
    windows.set(key, window);
    window.used = forgot ? Math.max(window.used, ask.seed ?? 0) + ask.mine : Math.max(0, window.used + ask.change);
    window.told.set(gatewayId, Math.max(told, ask.told) + 1);
    const rest = ask.limit - window.used;
    let granted = 0;
    if (ask.need > 0 && rest >= ask.need) {
      granted = ask.need + Math.max(0, Math.min(ask.want - ask.need, Math.floor((rest - ask.need) / 8)));
    } else if (ask.need > 0 && rest > 0 && rest >= ask.smallest) {
      granted = rest;
    }
    window.used += granted;
    const idle = ask.idle + Math.max(0, granted - ask.need);
    if (granted < ask.need && ask.recall) window.recall += 1;
    window.gateways.set(gatewayId, { idle, heard: window.recall });
    let owing = 0;
    for (const [other, last] of window.gateways) {
      if (other !== gatewayId && (last.idle > 0 || last.heard < window.recall)) owing += 1;
    }
    return {
      granted,
      used: window.used,
      owing: granted < ask.need ? owing : 0,
      told: window.told.get(gatewayId) ?? 0,
    };
  }

  function openSession(tenantId: string, session: string, limit: number, idleMs: number): SessionAnswer | 'away' {
    if (pretend.away) return 'away';
    const open = sessions.get(tenantId) ?? new Map<string, number>();
    sessions.set(tenantId, open);
    for (const [name, at] of open) if (at <= time.now - idleMs) open.delete(name);
    if (!open.has(session) && open.size >= limit) {
      return { admitted: false, open: open.size, firstEndsIn: Math.min(...open.values()) + idleMs - time.now };
    }
    open.set(session, time.now);
    return { admitted: true, open: open.size, firstEndsIn: 0 };
  }

  const pretend = {
    away: false,
    link: (gatewayId: string, accounts: () => Iterable<QuotaAccount>): QuotaStore => {
      gateways.set(gatewayId, accounts);
      return {
        exchange: async (ask) => {
          await Promise.resolve();
          const answer = exchange(gatewayId, ask);
          await Promise.resolve();
          return answer;
        },
        recall: (tenantId: string, quota: CountedQuota) => {
          for (const [other, accountsOf] of gateways) {
            if (other === gatewayId) continue;
            for (const account of accountsOf()) {
              if (account.tenantId === tenantId && account.quota === quota) void account.callBack();
            }
          }
        },
        openSession: async (tenantId, session, limit, idleMs) => openSession(tenantId, session, limit, idleMs),
        touchSessions: (tenantId, used) => {
          for (const [session, ago] of used) sessions.get(tenantId)?.set(session, time.now - ago);
        },
        close: () => undefined,
      };
    },
    get handedOut() {
      return [...windows.values()].reduce((sum, { used }) => sum + used, 0);
    },
    get asks() {
      return asks;
    },
    flush: () => windows.clear(),
    remember: () => {
      const then = structuredClone(windows);
      return () => {
        windows.clear();
        for (const [key, window] of then) windows.set(key, structuredClone(window));
      };
    },
  };
  return pretend;
}
