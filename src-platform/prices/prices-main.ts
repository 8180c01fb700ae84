import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { Client } from 'pg';
import { enterPrices } from './enter-prices.ts';
import { readPriceBook } from './price-book.ts';

const USAGE = `npm run platform:prices [-- --dry-run]

Enters the published model prices that come with this program into the price book of the database at TENANTDESK_DATABASE_URL, given as a
login of its owner (the one that migrates). Gateways take them at once. Prices that an admin set are left alone; what was charged stays.
  --dry-run  says what it would enter and changes nothing`;

/** `npm run platform:prices`. @returns the exit code; what happened goes to `log`. */
export async function main(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<number> {
  let dryRun = false;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      log(USAGE);
      return 0;
    }
    dryRun = values['dry-run'] ?? false;
  } catch (error) {
    log(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 1;
  }
  const connectionString = env['TENANTDESK_DATABASE_URL'];
  if (!connectionString) {
    log(`TENANTDESK_DATABASE_URL is not set.\n\n${USAGE}`);
    return 1;
  }
  const client = new Client({ connectionString, application_name: 'tenantdesk prices' });
  try {
    await client.connect();
    const { rows } = await client.query<{ there: boolean; owner: boolean }>(
      `select to_regclass('platform.model_prices') is not null as there,
         coalesce((select pg_has_role(session_user, oid, 'member') from pg_roles where rolname = 'td_owner'), false) as owner`,
    );
    if (!rows[0]?.there) {
      log('This database has no price book yet: run npm run platform:migrate first.');
      return 1;
    }
    if (!rows[0].owner) {
      log('This login is not a member of td_owner: give the address of the login that migrates.');
      return 1;
    }
    // One that made the roles is a member that may act as the owner, not one that inherits from it.
    await client.query('set role td_owner');
    const entered = await enterPrices(client, readPriceBook(), { dryRun });
    const would = dryRun ? 'would be ' : '';
    log(`${entered.added.length} models ${would}added${list(entered.added)}`);
    log(`${entered.changed.length} models ${would}changed${list(entered.changed)}`);
    if (entered.kept.length > 0) log(`left as an admin set them, the list says otherwise${list(entered.kept)}`);
    return 0;
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function list(models: readonly string[]): string {
  return models.length === 0 ? '' : `: ${models.join(', ')}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2), process.env, (line) => process.stderr.write(`${line}\n`));
}
