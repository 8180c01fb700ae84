/**
 * The arithmetic of a wallet, all amounts nano-USD.
 *
 *   amount     what PostgreSQL has granted so far, cumulative
 *   spent      cost of the calls settled under it, cumulative
 *   held       bounds of the calls that are open
 *   available  amount − spent − held
 *   pending    the part of spent that the ledger doesn't have yet
 */
export class Balance {
  amount = 0n;
  #spent = 0n;
  #held = 0n;
  #pending = 0n;
  #openCalls = 0;
  #unrecorded = 0;

  get spent(): bigint {
    return this.#spent;
  }
  get held(): bigint {
    return this.#held;
  }
  get pending(): bigint {
    return this.#pending;
  }
  /** Spent and held: below this the grant can't shrink. */
  get used(): bigint {
    return this.#spent + this.#held;
  }
  get available(): bigint {
    return this.amount - this.#spent - this.#held;
  }
  /** No call is open, and the ledger has them all. */
  get atRest(): boolean {
    return this.#openCalls === 0 && this.#unrecorded === 0;
  }

  hold(bound: bigint): void {
    this.#held += bound;
    this.#openCalls += 1;
  }

  /** `recorded`: a ledger row of this cost is on its way. */
  settle(bound: bigint, cost: bigint, recorded: boolean): void {
    this.#held -= bound;
    this.#openCalls -= 1;
    this.#spent += cost;
    if (!recorded) return;
    this.#pending += cost;
    this.#unrecorded += 1;
  }

  /** The ledger has a row of this cost. */
  recorded(cost: bigint): void {
    this.#pending -= cost;
    this.#unrecorded -= 1;
  }
}
