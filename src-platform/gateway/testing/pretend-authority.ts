import type {
  GrantAnswer,
  GrantAsk,
  GrantAuthority,
  GrantRelease,
  GrantScope,
  Turn,
} from '../grants/grant-authority.ts';

/** The rules of `platform.take_grant` and `release_grant` for one cap, in memory, with faults on request. */
export interface PretendAuthority extends GrantAuthority {
  limit: bigint;
  readonly granted: bigint;
  /** What the ledger has. */
  charged: bigint;
  readonly asks: number;
  /** How the next messages go: answered, unreached, done with the answer lost, or given up on and still on their way. Default: answered. */
  fault: 'none' | 'unreached' | 'answer lost' | 'late';
  periodEnd: number;
  /** One of the messages that are still on their way arrives; nobody hears the answer. */
  arrive(which: number): void;
}

interface Grant {
  amount: bigint;
  closed: boolean;
  lastTurn: Turn;
}

/** `ordered` false: as if messages had no turns. */
export function createPretendAuthority(limit: bigint, ordered = true): PretendAuthority {
  const grants = new Map<string, Grant>();
  const late: (() => void)[] = [];
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
      charged: authority.charged,
    },
  ];

  function grant(ask: GrantAsk): GrantAnswer {
    const known = grants.get(ask.grantId) ?? { amount: 0n, closed: false, lastTurn: 0 };
    if (known.closed || (ordered && ask.turn < known.lastTurn)) return { kind: 'retired' };
    const room = authority.limit - sum();
    const need = ask.needTotal - known.amount;
    const enough = need <= 0n || room >= need;
    known.lastTurn = ask.turn;
    if (enough || ask.turn > 1) grants.set(ask.grantId, known);
    if (!enough) return { kind: 'refused', amount: known.amount, failedCapId: 'cap', scopes: scopes() };
    const quarter = room / 4n;
    const most = need > quarter ? need : quarter;
    const want = ask.wantTotal - known.amount;
    const take = want < most ? want : most;
    if (take > 0n) known.amount += take;
    return { kind: 'granted', amount: known.amount, scopes: scopes() };
  }

  function shrink({ grantId, amountTotal, close, turn }: GrantRelease): void {
    const known = grants.get(grantId);
    if (known === undefined) {
      if (ordered) grants.set(grantId, { amount: 0n, closed: true, lastTurn: turn });
      return;
    }
    if (ordered && turn <= known.lastTurn) return;
    known.lastTurn = turn;
    if (amountTotal < known.amount) known.amount = amountTotal;
    known.closed ||= close;
  }

  async function deliver<T>(message: () => T): Promise<T> {
    const { fault } = authority;
    await Promise.resolve();
    if (fault === 'late') late.push(message);
    if (fault === 'late' || fault === 'unreached') throw new Error(fault);
    const answer = message();
    if (fault === 'answer lost') throw new Error(fault);
    return answer;
  }

  const authority: PretendAuthority = {
    limit,
    charged: 0n,
    fault: 'none',
    periodEnd: Number.POSITIVE_INFINITY,
    get granted() {
      return sum();
    },
    get asks() {
      return asks;
    },
    take: (ask) => {
      asks += 1;
      return deliver(() => grant(ask));
    },
    release: (release) => deliver(() => shrink(release)),
    arrive: (which) => {
      const [message] = late.splice(which % Math.max(1, late.length), 1);
      message?.();
    },
  };
  return authority;
}
