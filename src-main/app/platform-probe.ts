import { acceptedGateways, reachGateway } from '../infra/gateway-client/probe-gateway.ts';
import type { PlatformProbe } from '../infra/platform-probe.ts';
import { checkChanges } from '../infra/postgres/probe-changes.ts';
import {
  checkOperator,
  checkPowers,
  checkSchema,
  checkTls,
  knownGateways,
  reachHost,
  signIn,
} from '../infra/postgres/probe-database.ts';

/** The real database and the real gateway. `schema`: the last migration that this program knows; null: unknown. */
export const createPlatformProbe = (schema: string | null): PlatformProbe => ({
  host: ({ database }) => reachHost(database),
  tls: ({ database }) => checkTls(database),
  async signIn({ database }) {
    const client = await signIn(database);
    return {
      powers: () => checkPowers(client),
      schema: () => checkSchema(client, schema),
      operator: () => checkOperator(client, database.login),
      changes: () => checkChanges(client, database),
      gateways: () => knownGateways(client),
      end: () => client.end(),
    };
  },
  gateway: ({ gateway }) => reachGateway(gateway),
  token: ({ gateway }) => acceptedGateways(gateway),
});
