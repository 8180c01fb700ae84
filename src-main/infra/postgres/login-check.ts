import { z } from 'zod';
import { OperatorError } from '../operator-error.ts';

/** The least of a `pg` client that the check needs. */
export interface Queryable {
  query(text: string): Promise<{ rows: unknown[] }>;
}

/**
 * Roles that row-level security does not bind. Membership counts as well: a member can become the role. Read from the
 * catalog of the connection itself, before anything else is asked through it.
 */
const POWERS = `
  select session_user::text as login,
         coalesce(bool_or(r.rolsuper), false) as superuser,
         coalesce(bool_or(r.rolbypassrls), false) as bypass
    from pg_catalog.pg_roles r
   where r.rolname = session_user
      or ((r.rolsuper or r.rolbypassrls) and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER'))`;

const powers = z.tuple([z.object({ login: z.string(), superuser: z.boolean(), bypass: z.boolean() })]);

/**
 * Refuses a login for which the database would not enforce what an operator may see: the console has no such rules of
 * its own. Throws an OperatorError (FORBIDDEN) with the sentence to show.
 */
export async function refuseUnboundLogin(client: Queryable): Promise<void> {
  const [found] = powers.parse((await client.query(POWERS)).rows);
  if (!found.superuser && !found.bypass) return;
  const power = found.superuser ? 'a superuser' : 'allowed to bypass row-level security';
  throw new OperatorError(
    'FORBIDDEN',
    `The login "${found.login}" is ${power}, so the database would not keep tenants apart for it. TenantDesk does not work through it: sign in with an operator's own login.`,
  );
}
