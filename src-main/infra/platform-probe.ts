import type { ProfileInput } from '../contract/profiles.ts';

/** The parts of a platform as an operator would reach them. Each answers what was found, or throws OperatorError with why and what to do. */
export interface PlatformProbe {
  host(target: ProfileInput): Promise<string>;
  tls(target: ProfileInput): Promise<string>;
  signIn(target: ProfileInput): Promise<SignedIn>;
  gateway(target: ProfileInput): Promise<string>;
  /** Ids of the gateways that the asked one knows. */
  token(target: ProfileInput): Promise<readonly string[]>;
}

/** A connection of the operator's own login. */
export interface SignedIn {
  powers(): Promise<string>;
  schema(): Promise<string>;
  operator(): Promise<string>;
  /** Ids of the gateways that the database knows. */
  gateways(): Promise<readonly string[]>;
  end(): Promise<void>;
}
