import { makeOperator, type MadeOperator } from '../../src-platform/testing/factories.ts';
import { createTestDatabase, type TestDatabase } from '../../src-platform/testing/test-database.ts';
import type { ProfileEntered } from '../contract/profiles.ts';
import { SCRIPTED_GATEWAY_ID, startScriptedGateway, type ScriptedGateway } from './scripted-gateway.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

/** A platform for a console to be connected to: a database, an operator's login, a gateway of that database. */
export interface RemotePlatform {
  readonly db: TestDatabase;
  readonly operator: MadeOperator;
  readonly gateway: ScriptedGateway;
  console(over?: Partial<Parameters<typeof openTestConsole>[0]>): Promise<TestConsole>;
  closeConsoles(): Promise<void>;
  /** With the database. */
  close(): Promise<void>;
}

export async function openRemotePlatform(given?: TestDatabase): Promise<RemotePlatform> {
  const db = given ?? (await createTestDatabase());
  const operator = await makeOperator(db, { role: 'operator', name: 'Asha Rao' });
  const gateway = await startScriptedGateway(operator.gatewayToken, 500);
  const open: TestConsole[] = [];
  await db.owner.query(
    `insert into platform.gateways (id, name, version, address, started_at, heartbeat_at) values ($1, 'scripted', '0.0.0', 'x', now(), now())`,
    [SCRIPTED_GATEWAY_ID],
  );
  return {
    db,
    operator,
    gateway,
    async console(over) {
      const made = await openTestConsole({ ...operator, gatewayUrl: gateway.url, ...over });
      open.push(made);
      return made;
    },
    async closeConsoles() {
      for (let last = open.pop(); last; last = open.pop()) await last.console.close();
    },
    async close() {
      await gateway.close();
      await db.close();
    },
  };
}

/** The platform as a connection of its operator, or of the login of `url`, but for what is given. */
export function connectionTo(
  { operator, gateway }: RemotePlatform,
  over: {
    name?: string;
    url?: string;
    database?: Partial<ProfileEntered['database']>;
    gateway?: Partial<ProfileEntered['gateway']>;
  } = {},
) {
  const url = new URL(over.url ?? operator.url);
  return {
    name: over.name ?? 'Production',
    kind: 'production',
    colour: 'royalblue',
    database: {
      host: url.hostname,
      port: Number(url.port),
      name: url.pathname.slice(1),
      login: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      tls: 'none',
      ...over.database,
    },
    gateway: { url: gateway.url, token: operator.gatewayToken, ...over.gateway },
  } satisfies ProfileEntered;
}
