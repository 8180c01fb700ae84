import type { TenantPolicy } from '../policy/policy.ts';
import { QuotaAccount, type QuotaAccountPorts } from './quota-account.ts';
import { countsTokens, NO_QUOTAS, windowOf, type CountedQuota, type Quota, type QuotaLimit } from './quota.ts';
import type { QuotaStore } from './quota-store.ts';
import type { SessionDesk, SessionPass } from './session-desk.ts';

/** What a call asks of its tenant's quotas. */
export interface QuotaCall {
  /** 1; 0 for a further attempt of the same call. */
  readonly requests: number;
  /** The most tokens it can have, answer included. */
  readonly tokens: number;
  readonly session: string | null;
}

/** What stands in the headers of the answer: of the shortest window of its kind. */
export interface QuotaStanding {
  readonly kind: 'requests' | 'tokens';
  readonly limit: number;
  readonly remaining: number;
  readonly resetsInMs: number;
}

/** A call that its tenant's quotas let through. It is ended once, by `settle` or `cancel`. */
export interface QuotaPass {
  readonly passed: true;
  /** The call is over and had so many tokens; null: nobody can know, the most stays counted. */
  settle(tokens: number | null): void;
  /** It was refused for something else: nothing of it counts. */
  cancel(): void;
  standings(): readonly QuotaStanding[];
}

export interface QuotaStop {
  readonly passed: false;
  readonly quota: Quota;
  readonly limit: number;
  /** Milliseconds from now; when a call like it can pass, if nothing else is used. */
  readonly retryInMs: number;
  /** The call alone is more than the quota: it never passes. */
  readonly never: boolean;
  readonly standings: readonly QuotaStanding[];
}

export interface QuotaDesk {
  /** `at`: the call's admission by the database's clock. Answers at once unless a quota is near. */
  admit(tenant: TenantPolicy, call: QuotaCall, at: number): QuotaPass | QuotaStop | Promise<QuotaPass | QuotaStop>;
  /** Another gateway needs what lies idle here. */
  recalled(tenantId: string, quota: CountedQuota): void;
  /** Every second, by the database's clock. */
  sweep(at: number): void;
}

export interface QuotaDeskPorts extends Omit<QuotaAccountPorts, 'seed'> {
  readonly store: QuotaStore;
  readonly sessions: SessionDesk;
  /** What the ledger has of a quota since its window began. */
  readonly counted: (tenantId: string, quota: CountedQuota, windowStart: number) => Promise<number>;
  /** A day or month of this tenant has ended: the next bounds have to be read. */
  readonly onPeriodOver: (tenantId: string) => void;
}

const NOTHING_COUNTED: QuotaPass = {
  passed: true,
  settle: () => undefined,
  cancel: () => undefined,
  standings: () => [],
};

interface Share {
  readonly limit: QuotaLimit;
  readonly account: QuotaAccount;
  readonly units: number;
}

/** What a call took of each quota. */
class SharedPass implements QuotaPass {
  readonly passed = true;
  readonly #shares: readonly Share[];
  readonly #at: number;
  #open = true;

  constructor(shares: readonly Share[], at: number) {
    this.#shares = shares;
    this.#at = at;
  }

  settle(tokens: number | null): void {
    this.#end(tokens);
  }

  cancel(): void {
    this.#end('nothing');
  }

  /** Null: nobody knows how many tokens it had, the most stays counted. */
  #end(tokens: number | null | 'nothing'): void {
    if (!this.#open) return;
    this.#open = false;
    for (const { limit, account, units } of this.#shares) {
      if (tokens === 'nothing') account.end(units, units);
      else account.end(units, tokens === null || !countsTokens(limit.quota) ? 0 : units - tokens);
    }
  }

  standings(): readonly QuotaStanding[] {
    return standingsOf(this.#shares, this.#at);
  }
}

export function createQuotaDesk(ports: QuotaDeskPorts): QuotaDesk {
  const tenants = new Map<string, Map<CountedQuota, QuotaAccount>>();

  function accountOf(tenant: TenantPolicy, limit: QuotaLimit, at: number): QuotaAccount {
    let accounts = tenants.get(tenant.id);
    if (accounts === undefined) {
      accounts = new Map();
      tenants.set(tenant.id, accounts);
    }
    const found = accounts.get(limit.quota);
    const window = windowOf(limit, at);
    // A clock that was set back a little goes on in the later window.
    if (found !== undefined && found.window.start >= window.start) {
      found.limit = limit.limit;
      return found;
    }
    if (limit.period !== null && at >= limit.period.end) ports.onPeriodOver(tenant.id);
    const { quota } = limit;
    const { store, monotonic, pause } = ports;
    const seed = limit.period === null ? null : () => ports.counted(tenant.id, quota, window.start);
    const made = new QuotaAccount(
      { tenantId: tenant.id, quota, window, limit: limit.limit },
      { store, monotonic, pause, seed },
    );
    accounts.set(quota, made);
    return made;
  }

  function stop(share: Share, shares: readonly Share[], at: number): QuotaStop {
    const { limit, account, units } = share;
    return {
      passed: false,
      quota: limit.quota,
      limit: limit.limit,
      retryInMs: Math.max(0, account.window.end - at),
      never: units > limit.limit,
      standings: standingsOf(shares, at),
    };
  }

  /** All that are missing are asked for at once: a client that calls now and then waits for one round trip, not for one each. */
  async function takeRest(shares: readonly Share[], from: number, at: number): Promise<QuotaPass | QuotaStop> {
    const passed = await Promise.all(
      shares.map(async ({ account, units }, index) => index < from || account.takeIdle(units) || account.take(units)),
    );
    const refused = shares.find((_, index) => passed[index] === false);
    if (refused === undefined) return new SharedPass(shares, at);
    for (const [index, { account, units }] of shares.entries()) if (passed[index] === true) account.end(units, units);
    return stop(refused, shares, at);
  }

  function takeAll(
    tenant: TenantPolicy,
    call: QuotaCall,
    at: number,
  ): QuotaPass | QuotaStop | Promise<QuotaPass | QuotaStop> {
    const shares: Share[] = [];
    for (const limit of tenant.quotas.counted) {
      const units = countsTokens(limit.quota) ? call.tokens : call.requests;
      shares.push({ limit, account: accountOf(tenant, limit, at), units });
    }
    for (let index = 0; index < shares.length; index += 1) {
      const share = shares[index];
      if (share !== undefined && !share.account.takeIdle(share.units)) return takeRest(shares, index, at);
    }
    return shares.length === 0 ? NOTHING_COUNTED : new SharedPass(shares, at);
  }

  /** A call that passed so far, into its session. */
  function intoSession(
    pass: QuotaPass | QuotaStop,
    tenantId: string,
    session: string,
    limit: number,
  ): QuotaPass | QuotaStop | Promise<QuotaPass | QuotaStop> {
    if (!pass.passed) return pass;
    const admitted = ports.sessions.admit(tenantId, session, limit);
    return admitted instanceof Promise ? admitted.then(judge) : judge(admitted);

    function judge(answer: SessionPass): QuotaPass | QuotaStop {
      if (answer.passed || !pass.passed) return pass;
      pass.cancel();
      const { retryInMs } = answer;
      const standings = pass.standings();
      return { passed: false, quota: 'concurrent_sessions', limit, retryInMs, never: limit === 0, standings };
    }
  }

  return {
    admit: (tenant, call, at) => {
      const { quotas } = tenant;
      if (quotas === NO_QUOTAS) return NOTHING_COUNTED;
      const taken = takeAll(tenant, call, at);
      const { sessions } = quotas;
      if (sessions === null || call.session === null) return taken;
      const { session } = call;
      return taken instanceof Promise
        ? taken.then((pass) => intoSession(pass, tenant.id, session, sessions))
        : intoSession(taken, tenant.id, session, sessions);
    },
    recalled: (tenantId, quota) => void tenants.get(tenantId)?.get(quota)?.callBack(),
    sweep: (at) => {
      ports.sessions.sweep();
      for (const [tenantId, accounts] of tenants) {
        for (const [quota, account] of accounts) {
          if (at >= account.window.end) accounts.delete(quota);
          else account.sweep();
        }
        if (accounts.size === 0) tenants.delete(tenantId);
      }
    },
  };
}

/** One for calls and one for tokens: those of the shortest window, which come first. */
function standingsOf(shares: readonly Share[], at: number): readonly QuotaStanding[] {
  const standings: QuotaStanding[] = [];
  for (const { limit, account } of shares) {
    const kind = countsTokens(limit.quota) ? 'tokens' : 'requests';
    if (standings.some((known) => known.kind === kind)) continue;
    standings.push({
      kind,
      limit: limit.limit,
      remaining: account.remaining,
      resetsInMs: Math.max(0, account.window.end - at),
    });
  }
  return standings;
}
