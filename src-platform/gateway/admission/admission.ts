import type { Operation } from '../calls/wire-format.ts';
import type { Wallet } from '../grants/wallet.ts';
import type { WalletBook } from '../grants/wallet-book.ts';
import type { LowerBound, LowerBounds } from '../grants/waiting-calls.ts';
import type { CallAccount, CallAccounts } from '../ledger/call-accounts.ts';
import type { LiveState } from '../live/live-state.ts';
import { standingOf, type Caller } from '../policy/authenticate.ts';
import type { Policy, TenantPolicy } from '../policy/policy.ts';
import type { Price } from '../pricing/price.ts';
import type { QuotaCall, QuotaDesk, QuotaPass, QuotaStop } from '../quotas/quota-desk.ts';
import { quotaReached, rateHeaders } from '../quotas/quota-refusal.ts';
import { budgetUnverifiable, capReached, keyRefused, tenantInactive, type Refusal } from './refusal.ts';

/** A call whose cost is bounded, whatever its wire format. */
export interface BoundedCall {
  readonly caller: Caller;
  readonly requestId: string;
  /** 1, and more for each provider that is asked after another failed. */
  readonly attempt: number;
  readonly workflowId: string | null;
  readonly session: string | null;
  readonly units: number | null;
  readonly operation: Operation;
  readonly price: Price;
  /** Nano-USD; quick and never too low. */
  readonly bound: bigint;
  /** The most tokens it can have, answer included; quick. */
  readonly tokens: number;
  /** The same, counted; looked at only where the quick one would be refused. */
  readonly countedTokens: () => number;
  /** Lower bounds, some of a shorter answer; looked at only when the quick one would be refused. */
  readonly lowerBounds: LowerBounds;
}

export type Admitted =
  /** `trimmedTo`: the output limit, in tokens for each answer, under which alone it may be sent; null: as it came. */
  | {
      readonly kind: 'admitted';
      readonly account: CallAccount;
      readonly trimmedTo: number | null;
      /** For the answer. */
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface AdmissionPorts {
  readonly policy: Policy;
  /** False: the policy is too old to decide by. */
  readonly policyUsable: () => boolean;
  readonly quotas: QuotaDesk;
  readonly wallets: WalletBook;
  readonly accounts: CallAccounts;
  readonly live: LiveState;
  readonly databaseNow: () => number;
  readonly onJournalTrouble: (error: unknown) => void;
}

export interface Admission {
  admit(call: BoundedCall): Promise<Admitted>;
}

function refuse(refusal: Refusal): Admitted {
  return { kind: 'refused', refusal };
}

type QuotaAnswer = QuotaPass | QuotaStop;

/** Of a call that is tried again with another provider, only its tokens count once more. */
function quotaCall({ attempt, session }: BoundedCall, tokens: number): QuotaCall {
  return { requests: attempt === 1 ? 1 : 0, tokens, session };
}

const MOST_WALLETS_TRIED = 5;

/** Lets a call through when its bound can be taken from a grant, and writes it to the journal; else says why not. */
export function createAdmission(ports: AdmissionPorts): Admission {
  async function admit(call: BoundedCall): Promise<Admitted> {
    if (!ports.policyUsable()) return refuse(budgetUnverifiable());
    const at = ports.databaseNow();
    const tenant = ports.policy.tenant(call.caller.secret.tenantId) ?? call.caller.tenant;
    const asked = passQuotas(call, tenant, at);
    const pass = asked instanceof Promise ? await asked : asked;
    if (!pass.passed) return refuse(quotaReached(tenant, pass, at));
    const admitted = await take(call, pass);
    if (admitted.kind === 'refused') pass.cancel();
    return admitted;
  }

  function passQuotas(call: BoundedCall, tenant: TenantPolicy, at: number): QuotaAnswer | Promise<QuotaAnswer> {
    const answer = ports.quotas.admit(tenant, quotaCall(call, call.tokens), at);
    if (!(answer instanceof Promise) && answer.passed) return answer;
    return countedAgain(call, tenant, at, answer);
  }

  /** Bytes bound tokens from far above: a call is counted before it is refused for them. */
  async function countedAgain(
    call: BoundedCall,
    tenant: TenantPolicy,
    at: number,
    first: QuotaAnswer | Promise<QuotaAnswer>,
  ): Promise<QuotaAnswer> {
    const answer = await first;
    if (answer.passed || !answer.quota.startsWith('tokens')) return answer;
    const tokens = call.countedTokens();
    return tokens < call.tokens ? ports.quotas.admit(tenant, quotaCall(call, tokens), at) : answer;
  }

  /** Who called is known since the head of the request: since then the key may have been revoked, or the tenant suspended. */
  function refusedMeanwhile({ caller }: BoundedCall, at: number): Refusal | undefined {
    const now = standingOf(ports.policy, caller.digest, at);
    if (now.kind === 'failed') return keyRefused(now.code);
    return now.caller.tenant.status === 'active' ? undefined : tenantInactive(now.caller.tenant);
  }

  async function take(call: BoundedCall, quota: QuotaPass): Promise<Admitted> {
    const { secret } = call.caller;
    const { bound } = call;
    const whole: LowerBound = { bound, trimmedTo: null };
    for (let tries = 0; tries < MOST_WALLETS_TRIED; tries += 1) {
      const at = ports.databaseNow();
      const refusal = refusedMeanwhile(call, at);
      if (refusal !== undefined) return refuse(refusal);
      const tenant = ports.policy.tenant(secret.tenantId) ?? call.caller.tenant;
      const wallet = ports.wallets.find(tenant, secret.keyId, call.workflowId);
      if (wallet === undefined) return await open(call, whole, at, { wallet: undefined, quota });
      const answer = wallet.take(bound, at, call.lowerBounds);
      const taken = answer instanceof Promise ? await answer : answer;
      switch (taken.kind) {
        case 'taken':
          return await open(call, taken, at, { wallet, quota });
        case 'uncapped':
          return await open(call, whole, at, { wallet: undefined, quota });
        case 'refused': {
          const { scope, committed, held, scopes, remaining } = taken;
          return refuse(capReached(tenant, scope, { committed, held, estimate: bound, remaining, scopes }));
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

  async function open(
    call: BoundedCall,
    taken: LowerBound,
    admittedAt: number,
    { wallet, quota }: { readonly wallet: Wallet | undefined; readonly quota: QuotaPass },
  ): Promise<Admitted> {
    const { requestId, attempt, workflowId, session, units, operation, price } = call;
    const { tenantId, keyId } = call.caller.secret;
    const { bound, trimmedTo } = taken;
    const facts = {
      tenantId,
      requestId,
      attempt,
      keyId,
      workflowId,
      session,
      units,
      operation,
      price,
      bound,
      admittedAt,
      wallet,
      quota,
    };
    try {
      const account = await ports.accounts.open(facts);
      ports.live.admitted(tenantId, { bound, scopes: wallet?.scopes ?? [] });
      return { kind: 'admitted', account, trimmedTo, headers: rateHeaders(quota.standings()) };
    } catch (error) {
      ports.onJournalTrouble(error);
      return refuse(budgetUnverifiable());
    }
  }

  return { admit };
}
