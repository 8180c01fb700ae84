import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../local/postgres-server.ts';
import { generateTypes, TYPES_FILE } from './generate-types.ts';
import { migrate } from './migrate.ts';

/** `npm run schema:types`: migrates a throw-away PostgreSQL and writes the query types of the result. */
const folder = mkdtempSync(path.join(tmpdir(), 'tenantdesk-types-'));
const server = await startPostgres({ dataFolder: path.join(folder, 'postgres'), durable: false });
try {
  await migrate({ databaseUrl: server.superuserUrl });
  writeFileSync(TYPES_FILE, await generateTypes(server.superuserUrl));
  process.stderr.write(`wrote ${TYPES_FILE}\n`);
} finally {
  await server.child.stop();
  rmSync(folder, { recursive: true, force: true });
}
