import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BillLine } from '../../local/provider/bill-book.ts';
import type { ProviderPrice } from '../../local/provider/price-list.ts';
import { createProviderServer } from '../../local/provider/provider-server.ts';
import { seal, type TestSite } from './test-gateway.ts';

/** The pretend provider in this process, known to the site's gateways: it speaks all formats and bills by its own arithmetic. */
export interface PretendProvider {
  /** In the order in which they were billed. */
  readonly bill: BillLine[];
  readonly url: string;
  close(): Promise<void>;
}

const CREDENTIAL = 'sk-pretend-secret';

/** What a model costs, nano-USD for a million tokens: every rate another, so that none can stand in for another. */
export function pretendPrice(model: string, change: Partial<ProviderPrice> = {}): ProviderPrice {
  return {
    model,
    input: 3_000_000_000n,
    cachedInput: 300_000_000n,
    cacheWrite: 3_750_000_000n,
    hourCacheWrite: 6_000_000_000n,
    output: 15_000_000_000n,
    reasoning: 15_000_000_000n,
    longContextTokens: null,
    longContextInput: null,
    longContextCachedInput: null,
    longContextCacheWrite: null,
    longContextHourCacheWrite: null,
    longContextOutput: null,
    batchInput: null,
    batchOutput: null,
    ...change,
  };
}

/** Starts one and registers it with its models. `path`: of its base URL. */
export async function addPretendProvider(
  site: TestSite,
  provider: {
    readonly id: string;
    readonly path?: string;
    readonly rank?: number;
    readonly speaks?: readonly string[];
    readonly models: readonly ProviderPrice[];
  },
): Promise<PretendProvider> {
  const bill: BillLine[] = [];
  const server = createProviderServer({
    prices: new Map(provider.models.map((price) => [price.model, price])),
    bill: { add: (line) => bill.push(line) },
    credential: CREDENTIAL,
    failureRate: 0,
    random: () => 0.5,
    now: () => new Date(),
  });
  const url = await listening(server);
  await site.db.owner.query(
    'insert into platform.providers (id, base_url, credential_ciphertext, rank, speaks) values ($1, $2, $3, $4, $5)',
    [
      provider.id,
      `${url}${provider.path ?? ''}`,
      seal(site.credentialKey, CREDENTIAL),
      provider.rank ?? 0,
      provider.speaks,
    ],
  );
  for (const price of provider.models) await enterPrice(site, provider.id, price);
  await site.db.owner.query(`select platform.announce('providers', null), platform.announce('prices', null)`);
  return {
    bill,
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function enterPrice(site: TestSite, provider: string, price: ProviderPrice): Promise<void> {
  await site.db.owner.query(
    `insert into platform.model_prices (provider, model, price_version, valid_from, input_nanousd_per_mtok,
       cached_input_nanousd_per_mtok, cache_write_nanousd_per_mtok, cache_write_1h_nanousd_per_mtok, output_nanousd_per_mtok,
       reasoning_nanousd_per_mtok, long_context_tokens, long_context_input_nanousd_per_mtok,
       long_context_cached_input_nanousd_per_mtok, long_context_cache_write_nanousd_per_mtok,
       long_context_cache_write_1h_nanousd_per_mtok, long_context_output_nanousd_per_mtok, batch_input_nanousd_per_mtok,
       batch_output_nanousd_per_mtok, max_output_tokens)
     values ($1, $2, 1, '2020-01-01', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 16384)`,
    [
      provider,
      price.model,
      price.input,
      price.cachedInput,
      price.cacheWrite,
      price.hourCacheWrite,
      price.output,
      price.reasoning,
      price.longContextTokens,
      price.longContextInput,
      price.longContextCachedInput,
      price.longContextCacheWrite,
      price.longContextHourCacheWrite,
      price.longContextOutput,
      price.batchInput,
      price.batchOutput,
    ],
  );
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
