import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file of SQL that is applied as a whole. */
export interface SqlFile {
  /** Path in its folder without `.sql`, such as `0001-roles` or `functions/caps/set-cap`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hex. */
  readonly checksum: string;
}

/** What the database says of a file that was applied to it. */
export type AppliedFile = Omit<SqlFile, 'sql'>;

export function readSqlFile(name: string, file: string): SqlFile {
  const sql = readFileSync(file, 'utf8');
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}
