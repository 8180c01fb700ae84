import type { TestDatabase } from './test-database.ts';

/** Takes a rule out of a function of this database, to show that its test notices: `rule` is replaced in the function's text. */
export async function withoutRule(db: TestDatabase, name: string, rule: string, instead: string): Promise<void> {
  const superuser = db.connect(db.superuserUrl);
  const { rows } = await superuser.query<{ text: string }>(
    `select pg_get_functiondef(p.oid) as text from pg_proc p where p.proname = $1 and p.pronamespace = 'platform'::regnamespace`,
    [name],
  );
  const text = rows[0]?.text ?? '';
  if (!text.includes(rule)) throw new Error(`${name} has no "${rule}".`);
  await superuser.query(text.replaceAll(rule, instead));
}
