import { pathToFileURL } from 'node:url';
import type { Client } from 'pg';
import { usdText } from '../gateway/pricing/money-text.ts';
import { runCommand, table, type Asked, type CommandPorts } from './administration-command.ts';
import { makeLogin } from './database-login.ts';
import { readSecret } from './read-secret.ts';

const USAGE = `npm run platform:gateways -- list
npm run platform:gateways -- login LOGIN

"list" says which gateways there are, when each was heard last and what it holds. "login" makes a database login for gateways and prints its
password and what TENANTDESK_DATABASE_URL of a gateway is, once, on standard output; all gateways may share one. It stands in the audit log.
What a gateway that does not return holds is released in the console, at the client that it is of. TENANTDESK_DATABASE_URL is the login that migrates.`;

const GATEWAY_GROUP = 'td_gateway';

/** `npm run platform:gateways`. @returns the exit code. */
export async function main(args: readonly string[], ports: CommandPorts): Promise<number> {
  const { env, log, print } = ports;

  async function list(_asked: Asked, owner: Client): Promise<void> {
    const { rows } = await owner.query<Record<string, string>>(
      `select s.name, s.id::text, s.version, s.address, extract(epoch from now() - s.heartbeat_at)::bigint::text as silent,
         coalesce(g.open, 0)::text as open, coalesce(g.orphaned, 0)::text as orphaned
       from platform.gateways s left join (
         select gateway_id, sum(amount_nanousd - charged_nanousd) filter (where state = 'open')::bigint as open,
           sum(amount_nanousd - charged_nanousd) filter (where state = 'orphaned')::bigint as orphaned
         from platform.grants where state <> 'closed' group by 1) g on g.gateway_id = s.id
       order by s.heartbeat_at desc`,
    );
    if (rows.length === 0) log('No gateway has started yet: npm run gateway.');
    print(
      table(
        ['name', 'id', 'version', 'address', 'heard', 'holds', 'orphaned'],
        rows.map((row) => [
          row['name'] ?? '',
          row['id'] ?? '',
          row['version'] ?? '',
          row['address'] ?? '',
          `${row['silent'] ?? ''} s ago`,
          `${usdText(BigInt(row['open'] ?? 0))} USD`,
          `${usdText(BigInt(row['orphaned'] ?? 0))} USD`,
        ]),
      ),
    );
  }

  async function login({ word }: Asked, owner: Client): Promise<void> {
    await owner.query('begin');
    const password = await makeLogin(owner, word, GATEWAY_GROUP);
    await owner.query('select platform.note_gateway_login($1)', [word]);
    await owner.query('commit');
    log(`${word} is a login for gateways. What follows is shown this once.`);
    print(`password  ${password ?? '(as it was)'}`);
    const url = new URL(env['TENANTDESK_DATABASE_URL'] ?? '');
    url.username = encodeURIComponent(word);
    url.password = password ?? '…';
    print(`TENANTDESK_DATABASE_URL=${url.href}`);
  }

  return runCommand(
    USAGE,
    { list: { words: 0, options: {}, run: list }, login: { words: 1, options: {}, run: login } },
    args,
    ports,
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    log: (line) => process.stderr.write(`${line}\n`),
    print: (line) => process.stdout.write(`${line}\n`),
    readSecret,
  });
}
