import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { format, resolveConfig } from 'prettier';

/** The file that `npm run schema:types` writes. */
export const TYPES_FILE = path.join(import.meta.dirname, 'database-types.ts');

/** What the connections' parsers have to give: int8 as bigint, date as its text. */
const TYPE_MAPPING = { int8: 'bigint', date: 'string', timestamptz: 'Date', bytea: 'Buffer' };

/** @returns the source of the query types (Kysely) of a migrated database. */
export async function generateTypes(databaseUrl: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const cli = path.join(path.dirname(require.resolve('kysely-codegen/package.json')), 'dist/cli/bin.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      cli,
      '--print',
      '--dialect=postgres',
      `--url=${databaseUrl}`,
      '--default-schema=platform',
      '--include-pattern=platform.*',
      `--type-mapping=${JSON.stringify(TYPE_MAPPING)}`,
      '--log-level=error',
    ],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  return format(`/* eslint-disable */\n${stdout.trimStart()}`, {
    ...(await resolveConfig(TYPES_FILE)),
    parser: 'typescript',
  });
}
