import { pathToFileURL } from 'node:url';
import { migrate } from './migrate.ts';

const DRY_RUN = '--dry-run';
const ACCEPT = '--accept-changes';

/**
 * `npm run platform:migrate`: brings the database of TENANTDESK_DATABASE_URL to this program's schema; with `-- --dry-run` it only
 * says what that would be, with `-- --accept-changes` it takes what somebody changed by hand as it is.
 * @returns the exit code; what happened goes to standard error.
 */
export async function main(
  env: NodeJS.ProcessEnv,
  log: (line: string) => void,
  args: readonly string[] = [],
): Promise<number> {
  const unknown = args.find((arg) => arg !== DRY_RUN && arg !== ACCEPT);
  if (unknown !== undefined) {
    log(`There is no option "${unknown}". There are:`);
    log(`  ${DRY_RUN}         say what would be applied, change nothing`);
    log(`  ${ACCEPT}  take what was changed by hand as it is`);
    return 1;
  }
  const databaseUrl = env['TENANTDESK_DATABASE_URL'];
  if (!databaseUrl) {
    log('TENANTDESK_DATABASE_URL is not set. Give it the address of the database, as a login that may make roles:');
    log('  TENANTDESK_DATABASE_URL=postgres://owner:…@host:5432/tenantdesk npm run platform:migrate');
    return 1;
  }
  try {
    await migrate({ databaseUrl, log, dryRun: args.includes(DRY_RUN), acceptChanges: args.includes(ACCEPT) });
    return 0;
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.env, (line) => process.stderr.write(`${line}\n`), process.argv.slice(2));
}
