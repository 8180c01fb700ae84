import type { GrantAuthority, GrantScope } from './grant-authority.ts';
import type { TenantPolicy } from '../policy/policy.ts';
import type { Recalled } from './waiting-calls.ts';
import type { WalletPorts } from './wallet-ports.ts';
import { Wallet } from './wallet.ts';

/** All wallets of this gateway: for each tenant one for each set of caps that its calls can match, and those still closing. */
export interface WalletBook {
  /** The wallet a call draws on; undefined when no cap matches it. */
  find(tenant: TenantPolicy, keyId: string, workflowId: string | null): Wallet | undefined;
  of(tenantId: string): Iterable<Wallet>;
  /** A cap or the tenant changed (null: any may have): what was remembered is void, idle money goes back at once. */
  changed(tenantId: string | null): void;
  /** Sets of caps that are no longer the policy's, and those of tenants that may not call, serve no new calls. After the policy was renewed. */
  renewed(tenantId: string | null, policyOf: (tenantId: string) => TenantPolicy | undefined): void;
  /** Gives a tenant's idle money back, as another gateway needs it. True: the database has it; false: it can't be reached. */
  callBack(tenantId: string): Promise<boolean>;
  /** Every second. */
  sweep(): void;
  /** Retires everything and closes the grants that can be; for a clean stop, when no call is open. */
  closeAll(): Promise<void>;
}

export interface WalletBookPorts {
  readonly authority: GrantAuthority;
  readonly databaseNow: () => number;
  readonly monotonic: () => number;
  readonly newId: () => string;
  readonly figures: WalletPorts['figures'];
  readonly onScopes: (tenantId: string, scopes: readonly GrantScope[]) => void;
  /** Asks other gateways for their idle money of a tenant. */
  readonly recallElsewhere: (tenantId: string) => Promise<Recalled>;
  readonly onTrouble: (error: unknown) => void;
}

interface TenantWallets {
  readonly current: Map<string, { readonly capSet: string; readonly wallet: Wallet }>;
  readonly leaving: Set<Wallet>;
}

interface Match {
  readonly slot: string;
  readonly capSet: string;
  readonly keyId: string | null;
  readonly workflowId: string | null;
}

export function createWalletBook(ports: WalletBookPorts): WalletBook {
  const tenants = new Map<string, TenantWallets>();
  const closing = new Set<Wallet>();
  const walletPorts: WalletPorts = { ...ports, recall };

  /** Idle money of the tenant's other wallets here, then of other gateways. */
  async function recall(tenantId: string, asking: Wallet): Promise<Recalled> {
    // What a retired wallet gave back a moment ago (an override ended) may not have arrived yet.
    const others = [...walletsOf(tenantId)].filter((wallet) => wallet !== asking && wallet.holding);
    const [elsewhere, here] = await Promise.all([
      ports.recallElsewhere(tenantId),
      Promise.all(others.map((wallet) => wallet.callBack())),
    ]);
    return here.includes(false) ? 'silent' : elsewhere;
  }

  function* walletsOf(tenantId: string): Generator<Wallet> {
    const own = tenants.get(tenantId);
    if (own === undefined) return;
    for (const { wallet } of own.current.values()) yield wallet;
    yield* own.leaving;
  }

  function* all(tenantId: string | null): Generator<Wallet> {
    if (tenantId !== null) yield* walletsOf(tenantId);
    else for (const id of tenants.keys()) yield* walletsOf(id);
  }

  function retire(own: TenantWallets, slot: string): void {
    const wallet = own.current.get(slot)?.wallet;
    if (wallet === undefined) return;
    own.current.delete(slot);
    own.leaving.add(wallet);
    wallet.retire();
  }

  function close(own: TenantWallets, wallet: Wallet): void {
    if (!wallet.finished || closing.has(wallet)) return;
    closing.add(wallet);
    wallet
      .close()
      .then(() => own.leaving.delete(wallet))
      .catch(ports.onTrouble)
      .finally(() => closing.delete(wallet));
  }

  return {
    find: (tenant, keyId, workflowId) => {
      if (tenant.caps.length === 0) return undefined;
      const match = matchCaps(tenant, keyId, workflowId);
      if (match === undefined) return undefined;
      let own = tenants.get(tenant.id);
      if (own === undefined) {
        own = { current: new Map(), leaving: new Set() };
        tenants.set(tenant.id, own);
      }
      const found = own.current.get(match.slot);
      if (found !== undefined && found.capSet === match.capSet && !found.wallet.retired) return found.wallet;
      if (found !== undefined) retire(own, match.slot);
      const { keyId: cappedKey, workflowId: cappedWorkflow, slot, capSet } = match;
      const identity = { tenantId: tenant.id, keyId: cappedKey, workflowId: cappedWorkflow, grantId: ports.newId() };
      const wallet = new Wallet(identity, walletPorts);
      own.current.set(slot, { capSet, wallet });
      return wallet;
    },
    of: walletsOf,
    changed: (tenantId) => {
      for (const wallet of all(tenantId)) {
        wallet.forget();
        void wallet.giveBack();
      }
    },
    renewed: (tenantId, policyOf) => {
      for (const id of tenantId === null ? tenants.keys() : [tenantId]) {
        const own = tenants.get(id);
        const policy = policyOf(id);
        if (own === undefined) continue;
        for (const [slot, { wallet, capSet }] of own.current) {
          const { keyId, workflowId } = wallet.identity;
          // A suspended tenant's wallets close: what its open calls leave over goes back when they end.
          const match = policy?.status === 'active' ? matchCaps(policy, keyId ?? '', workflowId) : undefined;
          if (match?.capSet !== capSet) retire(own, slot);
        }
      }
    },
    callBack: async (tenantId) => {
      const back = await Promise.all(Array.from(walletsOf(tenantId), (wallet) => wallet.callBack()));
      return !back.includes(false);
    },
    sweep: () => {
      for (const [tenantId, own] of tenants) {
        for (const [slot, { wallet }] of own.current) {
          wallet.sweep();
          if (wallet.retired) retire(own, slot);
        }
        for (const wallet of own.leaving) {
          wallet.sweep();
          close(own, wallet);
        }
        if (own.current.size + own.leaving.size === 0) tenants.delete(tenantId);
      }
    },
    closeAll: async () => {
      for (const own of tenants.values()) for (const slot of own.current.keys()) retire(own, slot);
      const finished = [...all(null)].filter((wallet) => !closing.has(wallet));
      await Promise.all(
        finished.map(async (wallet) => {
          await wallet.quiet();
          if (wallet.finished) await wallet.close().catch(ports.onTrouble);
        }),
      );
    },
  };
}

/** Which caps a call matches. Key and workflow count only where a cap names them, so that most calls share one wallet. */
function matchCaps(tenant: TenantPolicy, keyId: string, workflowId: string | null): Match | undefined {
  let capSet = '';
  let cappedKey: string | null = null;
  let cappedWorkflow: string | null = null;
  for (const cap of tenant.caps) {
    if (cap.scope === 'key' && cap.keyId !== keyId) continue;
    if (cap.scope === 'workflow' && (workflowId === null || cap.workflowId !== workflowId)) continue;
    if (cap.scope === 'key') cappedKey = keyId;
    if (cap.scope === 'workflow') cappedWorkflow = workflowId;
    capSet += `${cap.id} `;
  }
  if (capSet === '') return undefined;
  return { slot: `${cappedKey ?? ''}/${cappedWorkflow ?? ''}`, capSet, keyId: cappedKey, workflowId: cappedWorkflow };
}
