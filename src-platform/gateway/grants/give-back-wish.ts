/** The wish that idle money goes back, while the wallet may be in the middle of something else. Amounts are nano-USD. */
export class GiveBackWish {
  #keep: bigint | undefined;
  #hear: ((heard: true) => void) | undefined;
  #fulfilled = Promise.withResolvers<boolean>();

  get open(): boolean {
    return this.#keep !== undefined;
  }

  /** All but `keep`; of several the largest wish counts. Resolves when it is fulfilled (true), or can't be for now. */
  make(keep: bigint): Promise<boolean> {
    if (this.#keep === undefined || keep < this.#keep) this.#keep = keep;
    this.#hear?.(true);
    return this.#fulfilled.promise;
  }

  /** Resolves as soon as there is a wish. For one listener: who asked before hears no more. */
  heard(): Promise<true> {
    const { promise, resolve } = Promise.withResolvers<true>();
    if (this.open) resolve(true);
    this.#hear = resolve;
    return promise;
  }

  /** Takes the wish on: what to keep, and whom to tell what came of it. */
  take(): { readonly keep: bigint | undefined; readonly tell: (fulfilled: boolean) => void } {
    const keep = this.#keep;
    const { resolve } = this.#fulfilled;
    this.#keep = undefined;
    this.#fulfilled = Promise.withResolvers();
    return { keep, tell: resolve };
  }
}
