import { groupRoles } from './test-cluster.ts';
import type { TestDatabase } from './test-database.ts';

/** Lets every role call `platform.try_access` in this database; elsewhere auditors and admins may. */
export async function letEverybodyTry(db: TestDatabase): Promise<void> {
  await db.connect(db.superuserUrl).query(
    `grant execute on function platform.try_access(text, text, uuid[]), platform.try_table(oid, uuid[]),
       platform.try_statement(text, boolean, uuid[]), platform.try_words(bigint, bigint, boolean), platform.expected_access()
     to ${groupRoles.join(', ')}`,
  );
}
