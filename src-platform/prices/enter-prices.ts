import type { Client } from 'pg';
import type { BookedPrice } from './price-book.ts';

/** What became of the price book, as `provider/model`. */
export interface EnteredPrices {
  /** Had no price before. */
  readonly added: readonly string[];
  /** Have a new version: the list has other rates now. */
  readonly changed: readonly string[];
  /** An admin set their price, the list says otherwise: left as they are. */
  readonly kept: readonly string[];
}

const RATES = [
  'input_nanousd_per_mtok',
  'cached_input_nanousd_per_mtok',
  'cache_write_nanousd_per_mtok',
  'cache_write_1h_nanousd_per_mtok',
  'output_nanousd_per_mtok',
  'reasoning_nanousd_per_mtok',
  'long_context_tokens',
  'long_context_input_nanousd_per_mtok',
  'long_context_output_nanousd_per_mtok',
  'long_context_cached_input_nanousd_per_mtok',
  'long_context_cache_write_nanousd_per_mtok',
  'long_context_cache_write_1h_nanousd_per_mtok',
] as const;

type Rates = Readonly<Record<(typeof RATES)[number], string | null>>;

interface StoredPrice extends Rates {
  readonly provider: string;
  readonly model: string;
  readonly price_version: number;
  readonly valid_from: Date;
  readonly source: string;
  readonly max_output_tokens: number | null;
}

/**
 * Brings the published prices into the platform's book, as the owner, in one transaction. A model without a price gets all versions of the
 * list; one whose newest version differs gets a new version, from now or from the list's later date on: never from the past, because
 * what was charged stays charged. The same list again changes nothing.
 */
export async function enterPrices(
  owner: Client,
  book: readonly BookedPrice[],
  options: { readonly dryRun?: boolean } = {},
): Promise<EnteredPrices> {
  await owner.query('begin');
  try {
    await owner.query('lock table platform.model_prices in share row exclusive mode');
    const { rows: clock } = await owner.query<{ now: Date }>('select now()');
    const now = clock[0]?.now ?? new Date();
    const { rows } = await owner.query<StoredPrice>(
      'select * from platform.model_prices order by valid_from, price_version',
    );
    const stored = Map.groupBy(rows, ({ provider, model }) => `${provider}/${model}`);
    const added: string[] = [];
    const changed: string[] = [];
    const kept: string[] = [];
    const wanted: object[] = [];
    for (const [name, versions] of Map.groupBy(book, ({ provider, model }) => `${provider}/${model}`)) {
      const known = stored.get(name);
      const due = known === undefined ? versions : newsOf(versions, known, now);
      if (due.length === 0) continue;
      if (known?.at(-1)?.source === 'operator') {
        kept.push(name);
        continue;
      }
      (known === undefined ? added : changed).push(name);
      const last = Math.max(0, ...(known ?? []).map(({ price_version }) => price_version));
      for (const [index, price] of due.entries()) wanted.push(asRow(price, last + index + 1));
    }
    if (wanted.length > 0 && options.dryRun !== true) {
      await owner.query(INSERT, [JSON.stringify(wanted)]);
      await owner.query(`select platform.announce('prices', null)`);
    }
    await owner.query('commit');
    return { added, changed, kept };
  } catch (error) {
    await owner.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Of a model that has prices: what the list has otherwise from now on, and what it says of later. `known` in the order of validity. */
function newsOf(versions: readonly BookedPrice[], known: readonly StoredPrice[], now: Date): BookedPrice[] {
  const inForce = known.findLast(({ valid_from }) => valid_from <= now);
  const begun = versions.findLast(({ validFrom }) => validFrom <= now);
  const later = versions.filter(
    (price) =>
      price.validFrom > now &&
      !known.some((row) => row.valid_from.getTime() === price.validFrom.getTime() && sameRates(price, row)),
  );
  const differs = begun !== undefined && (inForce === undefined || !sameRates(begun, inForce));
  return differs ? [{ ...begun, validFrom: now }, ...later] : later;
}

function sameRates(price: BookedPrice, known: StoredPrice): boolean {
  const rates = ratesOf(price);
  const same = RATES.every((rate) => String(rates[rate]) === String(known[rate]));
  return same && price.maxOutputTokens === known.max_output_tokens;
}

function ratesOf(price: BookedPrice): Rates {
  return {
    input_nanousd_per_mtok: price.input.toString(),
    cached_input_nanousd_per_mtok: price.cachedInput.toString(),
    cache_write_nanousd_per_mtok: price.cacheWrite.toString(),
    cache_write_1h_nanousd_per_mtok: price.hourCacheWrite?.toString() ?? null,
    output_nanousd_per_mtok: price.output.toString(),
    reasoning_nanousd_per_mtok: price.reasoning.toString(),
    long_context_tokens: price.longContextTokens?.toString() ?? null,
    long_context_input_nanousd_per_mtok: price.longContextInput?.toString() ?? null,
    long_context_output_nanousd_per_mtok: price.longContextOutput?.toString() ?? null,
    long_context_cached_input_nanousd_per_mtok: price.longContextCachedInput?.toString() ?? null,
    long_context_cache_write_nanousd_per_mtok: price.longContextCacheWrite?.toString() ?? null,
    long_context_cache_write_1h_nanousd_per_mtok: price.longContextHourCacheWrite?.toString() ?? null,
  };
}

function asRow(price: BookedPrice, version: number): object {
  const { provider, model, validFrom, maxOutputTokens } = price;
  return {
    provider,
    model,
    price_version: version,
    valid_from: validFrom.toISOString(),
    max_output_tokens: maxOutputTokens,
    ...ratesOf(price),
  };
}

const COLUMNS = ['provider', 'model', 'price_version', 'valid_from', 'max_output_tokens', ...RATES].join(', ');
const INSERT = `insert into platform.model_prices (${COLUMNS}) select ${COLUMNS}
  from jsonb_to_recordset($1::jsonb) as price (provider text, model text, price_version int, valid_from timestamptz, max_output_tokens int,
    ${RATES.map((rate) => `${rate} bigint`).join(', ')})`;
