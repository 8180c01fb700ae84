import { createSecretKey, type KeyObject } from 'node:crypto';
import { lookup as dnsLookup } from 'node:dns/promises';
import { pathToFileURL } from 'node:url';
import type { Client } from 'pg';
import { openCredential } from '../gateway/policy/credential-box.ts';
import { encryptProviderCredential } from '../local/provider-credential.ts';
import { NotDone, runCommand, table, wholeNumber, type Asked, type CommandPorts } from './administration-command.ts';
import { checkedAddress, type Lookup } from './provider-address.ts';
import { readSecret } from './read-secret.ts';

const USAGE = `npm run platform:providers -- list
npm run platform:providers -- add NAME --url URL [--speaks openai|anthropic] [--rank N] [--reason TEXT]
npm run platform:providers -- change NAME [--url URL] [--speaks openai|anthropic|all] [--rank N] [--credential] [--reason TEXT]
npm run platform:providers -- disable NAME [--reason TEXT]
npm run platform:providers -- enable NAME [--reason TEXT]

Where the gateways send calls. NAME is the one that its prices have (openai, anthropic; npm run platform:prices). Gateways obey at once; each change stands
in the audit log.
  --url            base URL as the provider's SDK takes it: https://api.openai.com/v1, https://api.anthropic.com
  --speaks         the family of wire formats it takes; without it all are tried
  --rank           of several that sell a model the lowest is asked first (0)
  --credential     a new credential is to be read
  --allow-private  the address may be http:// or of a private network

The credential is read from TENANTDESK_PROVIDER_CREDENTIAL, else from standard input, never from the command line; it is sealed with
TENANTDESK_CREDENTIAL_KEY, the key of your gateways, before it leaves this process. TENANTDESK_DATABASE_URL is the login that migrates.`;

const KEY_BYTES = 32;
const SHORTEST_CREDENTIAL = 8;
const REASON = { reason: { type: 'string' } } as const;
const SETTINGS = {
  url: { type: 'string' },
  speaks: { type: 'string' },
  rank: { type: 'string' },
  'allow-private': { type: 'boolean' },
  ...REASON,
} as const;

interface ProviderRow {
  readonly id: string;
  readonly base_url: string;
  readonly rank: number;
  readonly speaks: readonly string[] | null;
  readonly version: number;
  readonly disabled_at: Date | null;
  readonly models: number;
}

/** `npm run platform:providers`. @returns the exit code. */
export async function main(
  args: readonly string[],
  ports: CommandPorts & { readonly lookup: Lookup },
): Promise<number> {
  const { env, log, print } = ports;

  async function list(_asked: Asked, owner: Client): Promise<void> {
    const rows = await selectProviders(owner);
    if (rows.length === 0) log('No provider is registered: npm run platform:providers -- add …');
    print(
      table(
        ['name', 'base URL', 'rank', 'speaks', 'models', 'state'],
        rows.map(({ id, base_url: url, rank, speaks, models, disabled_at: disabled }) => [
          id,
          url,
          String(rank),
          speaks?.join(', ') ?? 'all',
          String(models),
          disabled === null ? 'in use' : `out of use since ${disabled.toISOString()}`,
        ]),
      ),
    );
  }

  async function add({ word, text, flag }: Asked, owner: Client): Promise<void> {
    const url = text('url');
    if (url === undefined) throw new NotDone('Say where it is: --url https://…');
    const address = await checkedAddress(url, flag('allow-private'), ports.lookup);
    const sealed = await sealedCredential(owner, word);
    await set(
      owner,
      [word, address, sealed, rankOf(text) ?? 0, speaksOf(text) ?? null, 0, text('reason')],
      'registered',
    );
  }

  async function change({ word, text, flag }: Asked, owner: Client): Promise<void> {
    const known = await found(owner, word);
    const url = text('url');
    const speaks = speaksOf(text);
    const rank = rankOf(text);
    if (url === undefined && speaks === undefined && rank === undefined && !flag('credential')) {
      throw new NotDone('Say what changes: --url, --speaks, --rank or --credential.');
    }
    const address = url === undefined ? known.base_url : await checkedAddress(url, flag('allow-private'), ports.lookup);
    const sealed = flag('credential') ? await sealedCredential(owner, word) : null;
    const values = [address, sealed, rank ?? known.rank, speaks === undefined ? known.speaks : speaks];
    await set(owner, [word, ...values, known.version, text('reason')], 'changed');
  }

  async function setStatus({ word, text }: Asked, owner: Client, active: boolean): Promise<void> {
    const { version } = await found(owner, word);
    await owner.query('select platform.set_provider_status($1, $2, $3, $4)', [word, active, version, text('reason')]);
    log(`${word} is ${active ? 'in use again' : 'out of use: nothing is asked of it from now on'}.`);
  }

  async function set(owner: Client, values: readonly unknown[], done: string): Promise<void> {
    const { rows } = await owner.query<{ answer: { provider: string; version: number; pricedModels: number } }>(
      'select platform.set_provider($1, $2, $3, $4, $5, $6, $7) as answer',
      [...values],
    );
    const answer = rows[0]?.answer;
    const models = answer?.pricedModels ?? 0;
    const advice =
      models > 0 ? '' : ' None can be called yet: npm run platform:prices has prices of the usual providers.';
    log(
      `${answer?.provider ?? ''} is ${done} (version ${answer?.version ?? 0}). ${models} of its models have a price.${advice}`,
    );
  }

  /** The credential, sealed with the gateways' key; that it is theirs is tried on what another one sealed. */
  async function sealedCredential(owner: Client, id: string): Promise<Buffer> {
    const keyText = env['TENANTDESK_CREDENTIAL_KEY'] ?? '';
    const keyBytes = Buffer.from(keyText, 'base64');
    if (keyBytes.length !== KEY_BYTES) {
      throw new NotDone(
        "Set TENANTDESK_CREDENTIAL_KEY to your gateways' key: 32 bytes in base64, from openssl rand -base64 32.",
      );
    }
    await refuseOtherKey(owner, createSecretKey(keyBytes), id);
    const credential = (
      env['TENANTDESK_PROVIDER_CREDENTIAL'] ?? (await ports.readSecret(`Credential of ${id} (it is not shown): `))
    ).trim();
    if (credential.length < SHORTEST_CREDENTIAL || !/^[\x21-\x7e]+$/.test(credential)) {
      throw new NotDone(
        'A credential is a line of 8 letters, digits and signs or more, without blanks. Nothing was changed.',
      );
    }
    return encryptProviderCredential(credential, keyText);
  }

  return runCommand(
    USAGE,
    {
      list: { words: 0, options: {}, run: list },
      add: { words: 1, options: SETTINGS, run: add },
      change: { words: 1, options: { ...SETTINGS, credential: { type: 'boolean' } }, run: change },
      disable: { words: 1, options: REASON, run: (asked, owner) => setStatus(asked, owner, false) },
      enable: { words: 1, options: REASON, run: (asked, owner) => setStatus(asked, owner, true) },
    },
    args,
    ports,
  );
}

async function selectProviders(owner: Client): Promise<ProviderRow[]> {
  const { rows } = await owner.query<ProviderRow>(
    `select p.id, p.base_url, p.rank, p.speaks, p.version, p.disabled_at,
       (select count(distinct m.model) from platform.model_prices m where m.provider = p.id and m.valid_from <= now())::int as models
     from platform.providers p order by p.rank, p.id`,
  );
  return rows;
}

async function found(owner: Client, id: string): Promise<ProviderRow> {
  const row = (await selectProviders(owner)).find((one) => one.id === id);
  if (row === undefined) {
    throw new NotDone(`There is no provider "${id.slice(0, 63)}": npm run platform:providers -- list.`);
  }
  return row;
}

/** Two keys on one platform: gateways could open the one's credentials or the other's. */
async function refuseOtherKey(owner: Client, key: KeyObject, id: string): Promise<void> {
  const { rows } = await owner.query<{ id: string; sealed: Buffer }>(
    'select id, credential_ciphertext as sealed from platform.providers where disabled_at is null and id <> $1',
    [id],
  );
  for (const other of rows) {
    try {
      openCredential(key, other.sealed);
    } catch {
      throw new NotDone(
        `TENANTDESK_CREDENTIAL_KEY does not open the credential of ${other.id}: it is not the key that your gateways have.`,
      );
    }
  }
}

const rankOf = (text: Asked['text']): number | undefined => wholeNumber(text('rank'), 'rank');

/** Null: all; undefined: not said. */
function speaksOf(text: Asked['text']): string[] | null | undefined {
  const speaks = text('speaks');
  return speaks === undefined || speaks === 'all' ? speaks && null : [speaks];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    log: (line) => process.stderr.write(`${line}\n`),
    print: (line) => process.stdout.write(`${line}\n`),
    readSecret,
    lookup: async (host) => (await dnsLookup(host, { all: true })).map(({ address }) => address),
  });
}
