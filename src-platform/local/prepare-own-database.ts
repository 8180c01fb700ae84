import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { MigrationError } from '../schema/migrate.ts';
import type { LocalCredentials } from './credentials-file.ts';
import type { LocalOperator } from './local-operators.ts';
import {
  GATEWAY_FOLDER,
  POSTGRES_FOLDER,
  startPostgresPart,
  type PartsHome,
  type PostgresPart,
} from './platform-parts.ts';
import { prepareDatabase } from './prepare-database.ts';

export interface OwnDatabase {
  readonly postgres: PostgresPart;
  readonly credentials: LocalCredentials;
  readonly operators: readonly LocalOperator[];
  /** Names the folder of what is set aside. */
  readonly now: Date;
}

/**
 * Prepares the database of the local platform's own cluster. Demo data that another version of the program made is set aside, not
 * deleted, and the platform begins anew.
 * @returns the PostgreSQL that runs now: the given one, or one on a new cluster.
 */
export async function prepareOwnDatabase(home: PartsHome, options: OwnDatabase): Promise<PostgresPart> {
  const { postgres, credentials, operators, now } = options;
  const prepare = ({ port, superuserUrl }: PostgresPart): Promise<void> =>
    prepareDatabase({ port, superuserUrl, credentials, operators, log: () => undefined });
  try {
    await prepare(postgres);
    return postgres;
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
  }
  await postgres.stop();
  const kept = setAside(home.folder, now);
  home.say(`The demo data was made by another version of TenantDesk. It is kept in ${kept}; new data is made.`);
  const fresh = await startPostgresPart(home);
  await prepare(fresh);
  return fresh;
}

/** The cluster goes last: a start that is cut off between the two meets the same cluster again. */
function setAside(folder: string, now: Date): string {
  const kept = path.join(folder, `kept-${now.toISOString().replaceAll(':', '-')}`);
  mkdirSync(kept, { mode: 0o700 });
  for (const part of [GATEWAY_FOLDER, POSTGRES_FOLDER]) {
    if (existsSync(path.join(folder, part))) renameSync(path.join(folder, part), path.join(kept, part));
  }
  return kept;
}
