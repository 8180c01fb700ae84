import type { GrantAnswer, GrantAsk, GrantAuthority } from './grant-authority.ts';
import type { WalletIdentity } from './wallet-ports.ts';

/**
 * What one grant says to the authority. Every message has the next turn: one that was given up on and arrives late can then be told
 * from the later ones, and changes nothing any more. One message at a time.
 */
export class GrantLine {
  readonly #authority: GrantAuthority;
  readonly #identity: WalletIdentity;
  #turn = 0;
  #uncertain = false;

  constructor(authority: GrantAuthority, identity: WalletIdentity) {
    this.#authority = authority;
    this.#identity = identity;
  }

  /** False: the authority can't know of the grant. */
  get used(): boolean {
    return this.#turn > 0;
  }

  /** An answer got lost: the authority may have granted more than we know. */
  get uncertain(): boolean {
    return this.#uncertain;
  }

  /** Rejects when no answer came in time: the message may have arrived or may yet. */
  async take(ask: Pick<GrantAsk, 'at' | 'needTotal' | 'wantTotal'>): Promise<GrantAnswer> {
    this.#uncertain = true;
    const answer = await this.#authority.take({ ...this.#identity, ...ask, turn: this.#next() });
    this.#uncertain = false;
    return answer;
  }

  /** Likewise. */
  async release(amountTotal: bigint, close: boolean): Promise<void> {
    const { tenantId, grantId } = this.#identity;
    await this.#authority.release({ tenantId, grantId, amountTotal, close, turn: this.#next() });
    this.#uncertain = false;
  }

  #next(): number {
    this.#turn += 1;
    return this.#turn;
  }
}
