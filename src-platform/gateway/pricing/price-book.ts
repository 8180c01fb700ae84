import type { Price } from './price.ts';

/** The prices in force, looked up by model; made anew whenever the database's price book changes. */
export interface PriceBook {
  /** The price of a model with each provider that sells it; empty: nobody priced it. */
  sellers(model: string): readonly Price[];
  all(): readonly Price[];
}

const NOBODY: readonly Price[] = [];

/** Of several versions of a price the newest counts; rows that are not valid yet must be left out by the caller. */
export function createPriceBook(rows: readonly Price[]): PriceBook {
  const byModel = new Map<string, Price[]>();
  for (const row of rows) {
    const others = byModel.get(row.model) ?? [];
    const older = others.findIndex(({ provider }) => provider === row.provider);
    const known = others[older];
    if (known === undefined) others.push(row);
    else if (known.version < row.version) others[older] = row;
    byModel.set(row.model, others);
  }
  const current = [...byModel.values()].flat();
  return {
    sellers: (model) => byModel.get(model) ?? NOBODY,
    all: () => current,
  };
}
