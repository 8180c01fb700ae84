import type { TlsTrust } from '../contract/tls.ts';

/** The operator's own credentials for one platform; they stay on the main side. */
export interface OperatorCredentials {
  readonly login: string;
  /** `postgres://…` with the operator's own login. */
  readonly postgresUrl: string;
  /** Present where that leads through a pooler in transaction mode: the same straight to PostgreSQL, for LISTEN alone. */
  readonly postgresDirectUrl?: string;
  /** Of both addresses of the database. */
  readonly postgresTls?: TlsTrust;
  readonly gatewayUrl: string;
  readonly gatewayToken: string;
  readonly gatewayTls?: TlsTrust;
}

/** What of it no log may hold. */
export function secretsOf({ postgresUrl, postgresTls, gatewayToken, gatewayTls }: OperatorCredentials): string[] {
  const password = decodeURIComponent(new URL(postgresUrl).password);
  return [password, gatewayToken, postgresTls?.key ?? '', gatewayTls?.key ?? ''];
}
