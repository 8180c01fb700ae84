import type { GrantAuthority, GrantScope } from './grant-authority.ts';
import type { Recalled } from './waiting-calls.ts';
import type { Wallet } from './wallet.ts';

export interface WalletIdentity {
  readonly tenantId: string;
  readonly keyId: string | null;
  readonly workflowId: string | null;
  readonly grantId: string;
}

export interface WalletPorts {
  readonly authority: GrantAuthority;
  /** Milliseconds since the epoch, database clock. */
  readonly databaseNow: () => number;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Called before a refusal: frees idle money elsewhere. Never rejects. */
  readonly recall: (tenantId: string, wallet: Wallet) => Promise<Recalled>;
  /** What is known of a cap's period over all gateways. */
  readonly figures: (
    tenantId: string,
    capId: string,
    periodStart: number,
  ) => { readonly committed: bigint; readonly held: bigint };
  readonly onScopes: (tenantId: string, scopes: readonly GrantScope[]) => void;
}
