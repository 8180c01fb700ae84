// The pretend AI provider, a process of its own. Settings come from the environment; `markers.ts` tells what a caller can ask for.
//   TENANTDESK_PROVIDER_PORT        port on loopback, 0 = any free one
//   TENANTDESK_PROVIDER_CREDENTIAL  bearer credential that callers must show
//   TENANTDESK_PROVIDER_PRICES      file: its price list (JSON, `price-list.ts`)
//   TENANTDESK_PROVIDER_BILL        file: its own bill, JSON lines, appended (`bill-book.ts`)
//   TENANTDESK_PROVIDER_FAILURES    share of calls that fail by chance, default 0.015
// Prints one JSON line when ready: {"ready":true,"provider":"http://127.0.0.1:PORT"}. SIGTERM ends it.
import { z } from 'zod';
import { openBillBook } from './bill-book.ts';
import { readPriceList } from './price-list.ts';
import { createProviderServer } from './provider-server.ts';

const settings = z
  .object({
    TENANTDESK_PROVIDER_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
    TENANTDESK_PROVIDER_CREDENTIAL: z.string().min(1),
    TENANTDESK_PROVIDER_PRICES: z.string().min(1),
    TENANTDESK_PROVIDER_BILL: z.string().min(1),
    TENANTDESK_PROVIDER_FAILURES: z.coerce.number().min(0).max(1).default(0.015),
  })
  .parse(process.env);

const bill = openBillBook(settings.TENANTDESK_PROVIDER_BILL);
const server = createProviderServer({
  prices: readPriceList(settings.TENANTDESK_PROVIDER_PRICES),
  bill,
  credential: settings.TENANTDESK_PROVIDER_CREDENTIAL,
  failureRate: settings.TENANTDESK_PROVIDER_FAILURES,
  random: Math.random,
  now: () => new Date(),
});
server.listen(settings.TENANTDESK_PROVIDER_PORT, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ ready: true, provider: `http://127.0.0.1:${port}` })}\n`);
});
const stop = (): void => {
  server.close(() => {
    bill.close();
    process.exit(0);
  });
  server.closeAllConnections();
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
