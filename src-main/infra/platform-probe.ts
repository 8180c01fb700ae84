import type { ProfileTarget } from '../contract/profiles.ts';
import type { GatewayVersion } from './platform-skew.ts';

/** What was found, in a sentence; `warning`: it works, and this the operator has to know of it. */
export type Found = string | { readonly warning: string };

/** The parts of a platform as an operator would reach them. Each answers what was found, or throws OperatorError with why and what to do. */
export interface PlatformProbe {
  host(target: ProfileTarget): Promise<Found>;
  tls(target: ProfileTarget): Promise<Found>;
  signIn(target: ProfileTarget): Promise<SignedIn>;
  gateway(target: ProfileTarget): Promise<Found>;
  /** Ids of the gateways that the asked one knows. */
  token(target: ProfileTarget): Promise<readonly string[]>;
}

/** A gateway as the database knows it. */
export interface KnownGateway extends GatewayVersion {
  readonly id: string;
}

/** A connection of the operator's own login. */
export interface SignedIn {
  powers(): Promise<Found>;
  schema(): Promise<Found>;
  operator(): Promise<Found>;
  /** Whether what changes on the platform is heard at once. */
  changes(): Promise<Found>;
  /** Those that the database knows. */
  gateways(): Promise<readonly KnownGateway[]>;
  end(): Promise<void>;
}
