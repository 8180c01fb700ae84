import { createHash, randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Client } from 'pg';
import { nanoUsdOf, usdText } from '../gateway/pricing/money-text.ts';
import { NotDone, runCommand, table, wholeNumber, type Asked, type CommandPorts } from './administration-command.ts';
import { makeLogin } from './database-login.ts';
import { readSecret } from './read-secret.ts';

const USAGE = `npm run platform:operators -- list
npm run platform:operators -- add LOGIN --name NAME --role ROLE [--limit-usd N] [--clients SLUG,…] [--days N] [--reason TEXT]
npm run platform:operators -- token LOGIN [--days N] [--reason TEXT]
npm run platform:operators -- disable LOGIN [--reason TEXT]
npm run platform:operators -- enable LOGIN [--reason TEXT]

The people who work with the console: a database login each, and a token for the gateways. Each change stands in the audit log.
  --role       viewer, account_manager, operator, admin or auditor
  --limit-usd  raises in 24 hours without a second person: an operator has such a limit, an admin may
  --clients    sees these clients alone; an account manager has such a list
  --days       how long the token holds (365); a new one ends those before it

"add" makes the login, and prints its password and token once, on standard output. A login that is there keeps its password.
TENANTDESK_DATABASE_URL is the login that migrates; it makes logins where it may (CREATEROLE), else it says what a superuser has to run.`;

const REASON = { reason: { type: 'string' } } as const;
const TOKEN_DAYS = 365;

/** `npm run platform:operators`. @returns the exit code. */
export async function main(args: readonly string[], ports: CommandPorts): Promise<number> {
  const { log, print } = ports;

  async function list(_asked: Asked, owner: Client): Promise<void> {
    const { rows } = await owner.query<Record<string, string | null>>(
      `select o.login, o.name, o.role, o.raise_limit_nanousd::text as limit,
         case when o.all_tenants then 'all'
              else coalesce((select string_agg(t.slug, ', ' order by t.slug) from platform.operator_tenants a
                join platform.tenants t on t.id = a.tenant_id where a.operator_id = o.id), 'none') end as clients,
         coalesce((select max(k.expires_at)::date::text from platform.operator_tokens k where k.operator_id = o.id and k.expires_at > now()), 'none') as token,
         case when o.disabled_at is null then 'active' else 'disabled' end as state
       from platform.operators o order by o.disabled_at nulls first, o.login`,
    );
    if (rows.length === 0) log('There is no operator yet: npm run platform:operators -- add …');
    const limitOf = (role: string, limit: string): string =>
      limit !== '' ? `${usdText(BigInt(limit))} USD` : role === 'admin' ? 'any' : 'none';
    print(
      table(
        ['login', 'name', 'role', 'raises in 24 h', 'clients', 'token until', 'state'],
        rows.map((row) => [
          row['login'] ?? '',
          row['name'] ?? '',
          row['role'] ?? '',
          limitOf(row['role'] ?? '', row['limit'] ?? ''),
          row['clients'] ?? '',
          row['token'] ?? '',
          row['state'] ?? '',
        ]),
      ),
    );
  }

  async function add({ word: login, text }: Asked, owner: Client): Promise<void> {
    const name = text('name');
    const role = text('role');
    if (name === undefined || role === undefined) {
      throw new NotDone('Say who they are: --name "Priya Sharma" --role operator.');
    }
    if (!/^(viewer|account_manager|operator|admin|auditor)$/.test(role)) {
      throw new NotDone('--role takes viewer, account_manager, operator, admin or auditor.');
    }
    const limitText = text('limit-usd');
    const limit = limitText === undefined ? null : nanoUsdOf(limitText);
    if (limit === undefined) throw new NotDone('--limit-usd takes an amount such as 500 or 500.00.');
    const clients =
      text('clients')
        ?.split(',')
        .map((slug) => slug.trim())
        .filter((slug) => slug !== '') ?? null;
    const days = daysOf(text);
    const { rowCount } = await owner.query('select from platform.operators where login = $1', [login]);
    if (rowCount !== 0) throw new NotDone(`${login} is an operator already.`);
    await owner.query('begin');
    const password = await makeLogin(owner, login, `td_${role}`);
    await owner.query('select platform.add_operator($1, $2, $3, $4, $5, $6)', [
      login,
      name,
      role,
      limit?.toString() ?? null,
      clients,
      text('reason'),
    ]);
    const token = await issueToken(owner, login, days, text('reason'));
    await owner.query('commit');
    log(`${login} is ${article(role)}. What follows is shown this once.`);
    print(`login     ${login}`);
    print(`password  ${password ?? '(as it was)'}`);
    print(`token     ${token}`);
  }

  async function renew({ word: login, text }: Asked, owner: Client): Promise<void> {
    const token = await issueToken(owner, login, daysOf(text), text('reason'));
    log(`The tokens that ${login} had open nothing any more. The new one is shown this once.`);
    print(`token     ${token}`);
  }

  async function setStatus({ word: login, text }: Asked, owner: Client, active: boolean): Promise<void> {
    await owner.query('select platform.set_operator_status($1, $2, $3)', [login, active, text('reason')]);
    log(active ? `${login} may work again.` : `${login} sees nothing from now on; the login itself is left to you.`);
  }

  return runCommand(
    USAGE,
    {
      list: { words: 0, options: {}, run: list },
      add: {
        words: 1,
        options: {
          name: { type: 'string' },
          role: { type: 'string' },
          'limit-usd': { type: 'string' },
          clients: { type: 'string' },
          days: { type: 'string' },
          ...REASON,
        },
        run: add,
      },
      token: { words: 1, options: { days: { type: 'string' }, ...REASON }, run: renew },
      disable: { words: 1, options: REASON, run: (asked, owner) => setStatus(asked, owner, false) },
      enable: { words: 1, options: REASON, run: (asked, owner) => setStatus(asked, owner, true) },
    },
    args,
    ports,
  );
}

async function issueToken(owner: Client, login: string, days: number, reason: string | undefined): Promise<string> {
  const token = `tdo_${randomBytes(32).toString('base64url')}`;
  const digest = createHash('sha256').update(token).digest();
  await owner.query('select platform.issue_operator_token($1, $2, $3, $4)', [login, digest, days, reason]);
  return token;
}

const daysOf = (text: Asked['text']): number => wholeNumber(text('days'), 'days') ?? TOKEN_DAYS;

const article = (role: string): string => `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role.replaceAll('_', ' ')}`;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    log: (line) => process.stderr.write(`${line}\n`),
    print: (line) => process.stdout.write(`${line}\n`),
    readSecret,
  });
}
