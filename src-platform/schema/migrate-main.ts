import { pathToFileURL } from 'node:url';
import { migrate } from './migrate.ts';

/**
 * `npm run platform:migrate`: brings the database of TENANTDESK_DATABASE_URL to this program's schema.
 * @returns the exit code; what happened goes to standard error.
 */
export async function main(env: NodeJS.ProcessEnv, log: (line: string) => void): Promise<number> {
  const databaseUrl = env['TENANTDESK_DATABASE_URL'];
  if (!databaseUrl) {
    log('TENANTDESK_DATABASE_URL is not set. Give it the address of the database, as a login that may make roles:');
    log('  TENANTDESK_DATABASE_URL=postgres://owner:…@host:5432/tenantdesk npm run platform:migrate');
    return 1;
  }
  try {
    await migrate({ databaseUrl, log });
    return 0;
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.env, (line) => process.stderr.write(`${line}\n`));
}
