import type { SessionState } from '../contract/session.ts';
import type { TlsTrust } from '../contract/tls.ts';

/** The operator's own credentials for one platform; they stay on the main side. */
interface OperatorCredentials {
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

/** One platform as one operator opens it. */
export interface OpenedProfile {
  readonly profile: SessionState['profile'];
  readonly operator: OperatorCredentials;
  /** 32 bytes that encrypt what is kept of this platform for offline use; of this profile alone. */
  readonly cacheKey: Buffer;
  /** Its files are found by this and the login. */
  readonly keptAs: string;
}
