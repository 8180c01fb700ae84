import pg from 'pg';
import type { LocalCredentials } from './credentials-file.ts';
import type { DemoTenant } from './demo/demo-tenant.ts';
import { enterHistory } from './demo/enter-history.ts';
import type { PricesByModel } from './demo/history-rows.ts';
import { LOCAL_OPERATORS } from './local-operators.ts';
import { enterPrices } from '../prices/enter-prices.ts';
import type { BookedPrice } from '../prices/price-book.ts';
import { registerOperators, registerProviders, registerTenants, type LocalProvider } from './register-platform.ts';
import { withClient } from './with-client.ts';

export interface EnterOptions {
  /** The data folder. */
  readonly folder: string;
  readonly ownerUrl: string;
  readonly gatewayDatabaseUrl: string;
  readonly credentials: LocalCredentials;
  readonly providers: readonly LocalProvider[];
  readonly tenants: readonly DemoTenant[];
  readonly book: readonly BookedPrice[];
  readonly prices: PricesByModel;
  /** About so many rows of history over all tenants. */
  readonly historyRows: number;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
}

/** Enters providers, prices, tenants, operators and the past. What is there stays. Answers the number of new ledger rows. */
export async function enterPlatform(options: EnterOptions): Promise<number> {
  const { credentials, tenants, folder, prices, signal, say } = options;
  const gateway = new pg.Pool({ connectionString: options.gatewayDatabaseUrl, max: 3 });
  gateway.on('error', () => undefined);
  try {
    return await withClient(options.ownerUrl, async (owner) => {
      await registerProviders(owner, options.providers, credentials.credentialKey);
      await enterPrices(owner, options.book);
      await registerTenants(owner, tenants, credentials);
      await registerOperators(owner, LOCAL_OPERATORS, credentials);
      return enterHistory({
        folder,
        owner,
        gateway,
        tenants,
        rows: options.historyRows,
        prices,
        now: Date.now,
        signal,
        say,
      });
    });
  } finally {
    await gateway.end();
  }
}
