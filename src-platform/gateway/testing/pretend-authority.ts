import type { GrantAnswer, GrantAsk, GrantAuthority, GrantScope } from '../grants/grant-authority.ts';

/** The rules of `platform.take_grant` for one cap, in memory, with faults on request. */
export interface PretendAuthority extends GrantAuthority {
  limit: bigint;
  readonly granted: bigint;
  readonly asks: number;
  /** How the next asks go: answered, unreached, or done with the answer lost. Default: answered. */
  fault: 'none' | 'unreached' | 'answer lost';
  periodEnd: number;
}

export function createPretendAuthority(limit: bigint): PretendAuthority {
  const grants = new Map<string, { amount: bigint; closed: boolean }>();
  let asks = 0;
  const sum = (): bigint => [...grants.values()].reduce((total, { amount }) => total + amount, 0n);
  const scopes = (): GrantScope[] => [
    {
      capId: 'cap',
      scope: 'tenant',
      period: 'month',
      hard: true,
      periodStart: 0,
      periodEnd: authority.periodEnd,
      limit: authority.limit,
      granted: sum(),
      charged: 0n,
    },
  ];

  function grant(ask: GrantAsk): GrantAnswer {
    const known = grants.get(ask.grantId) ?? { amount: 0n, closed: false };
    if (known.closed) return { kind: 'retired' };
    const room = authority.limit - sum();
    const need = ask.needTotal - known.amount;
    if (need > 0n && room < need) {
      return { kind: 'refused', amount: known.amount, failedCapId: 'cap', scopes: scopes() };
    }
    const quarter = room / 4n;
    const most = need > quarter ? need : quarter;
    const want = ask.wantTotal - known.amount;
    const take = want < most ? want : most;
    if (take > 0n) known.amount += take;
    grants.set(ask.grantId, known);
    return { kind: 'granted', amount: known.amount, scopes: scopes() };
  }

  const authority: PretendAuthority = {
    limit,
    fault: 'none',
    periodEnd: Number.POSITIVE_INFINITY,
    get granted() {
      return sum();
    },
    get asks() {
      return asks;
    },
    take: async (ask) => {
      asks += 1;
      const { fault } = authority;
      await Promise.resolve();
      if (fault === 'unreached') throw new Error('unreached');
      const answer = grant(ask);
      if (fault === 'answer lost') throw new Error('answer lost');
      return answer;
    },
    release: async (_tenantId, grantId, amountTotal, close) => {
      const { fault } = authority;
      await Promise.resolve();
      if (fault === 'unreached') throw new Error('unreached');
      const known = grants.get(grantId);
      if (known === undefined) return;
      if (amountTotal < known.amount) known.amount = amountTotal;
      known.closed ||= close;
      if (fault === 'answer lost') throw new Error('answer lost');
    },
  };
  return authority;
}
