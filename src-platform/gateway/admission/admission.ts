import type { Wallet } from '../grants/wallet.ts';
import type { WalletBook } from '../grants/wallet-book.ts';
import type { CallAccount, CallAccounts } from '../ledger/call-accounts.ts';
import type { LiveState } from '../live/live-state.ts';
import type { Caller } from '../policy/authenticate.ts';
import type { Policy } from '../policy/policy.ts';
import type { Price } from '../pricing/price.ts';
import { budgetUnverifiable, capReached, tenantInactive, type Refusal } from './refusal.ts';

/** A call whose cost is bounded, whatever its wire format. */
export interface BoundedCall {
  readonly caller: Caller;
  readonly requestId: string;
  readonly workflowId: string | null;
  readonly session: string | null;
  readonly price: Price;
  /** Nano-USD; quick and never too low. */
  readonly bound: bigint;
  /** A dearer way to a lower bound, used only when the quick one would be refused; undefined: none that fits in what remains. */
  readonly tighterBound: (remaining: bigint) => bigint | undefined;
}

export type Admitted =
  | { readonly kind: 'admitted'; readonly account: CallAccount }
  /** `remaining`: when a cap is the reason, the most that this call could have had of it (nano-USD). */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly remaining: bigint | undefined };

export interface AdmissionPorts {
  readonly policy: Policy;
  /** False: the policy is too old to decide by. */
  readonly policyUsable: () => boolean;
  readonly wallets: WalletBook;
  readonly accounts: CallAccounts;
  readonly live: LiveState;
  readonly databaseNow: () => number;
  readonly onJournalTrouble: (error: unknown) => void;
}

export interface Admission {
  admit(call: BoundedCall): Promise<Admitted>;
}

function refuse(refusal: Refusal, remaining?: bigint): Admitted {
  return { kind: 'refused', refusal, remaining };
}

const MOST_WALLETS_TRIED = 5;

/** Lets a call through when its bound can be taken from a grant, and writes it to the journal; else says why not. */
export function createAdmission(ports: AdmissionPorts): Admission {
  async function admit(call: BoundedCall): Promise<Admitted> {
    const { tenant } = call.caller;
    if (!ports.policyUsable()) return refuse(budgetUnverifiable());
    if (tenant.status !== 'active') return refuse(tenantInactive(tenant));
    const first = await take(call, call.bound);
    if (first.kind === 'admitted' || first.remaining === undefined) return first;
    const tighter = call.tighterBound(first.remaining);
    return tighter === undefined ? first : take(call, tighter);
  }

  async function take(call: BoundedCall, bound: bigint): Promise<Admitted> {
    const { secret } = call.caller;
    for (let tries = 0; tries < MOST_WALLETS_TRIED; tries += 1) {
      const tenant = ports.policy.tenant(secret.tenantId) ?? call.caller.tenant;
      const at = ports.databaseNow();
      const wallet = ports.wallets.find(tenant, secret.keyId, call.workflowId);
      if (wallet === undefined) return open(call, bound, at, undefined);
      const answer = wallet.take(bound, at);
      const taken = answer instanceof Promise ? await answer : answer;
      switch (taken.kind) {
        case 'taken':
          return open(call, bound, at, wallet);
        case 'uncapped':
          return open(call, bound, at, undefined);
        case 'refused': {
          const { scope, committed, held, scopes, remaining } = taken;
          const figures = { committed, held, estimate: bound, remaining, scopes };
          return refuse(capReached(tenant, scope, figures), remaining);
        }
        case 'forbidden':
          return refuse(tenantInactive(tenant));
        case 'unverifiable':
          return refuse(budgetUnverifiable());
        case 'retired':
          break;
      }
    }
    return refuse(budgetUnverifiable());
  }

  function open(call: BoundedCall, bound: bigint, admittedAt: number, wallet: Wallet | undefined): Admitted {
    const { requestId, workflowId, session, price } = call;
    const { tenantId, keyId } = call.caller.secret;
    const facts = { tenantId, requestId, keyId, workflowId, session, price, bound, admittedAt, wallet };
    try {
      const account = ports.accounts.open(facts);
      ports.live.admitted(tenantId, { bound, capIds: wallet?.scopes.map(({ capId }) => capId) ?? [] });
      return { kind: 'admitted', account };
    } catch (error) {
      ports.onJournalTrouble(error);
      return refuse(budgetUnverifiable());
    }
  }

  return { admit };
}
