import type { ProfileInput } from '../contract/profiles.ts';

/** What was found, in a sentence; `warning`: it works, and this the operator has to know of it. */
export type Found = string | { readonly warning: string };

/** The parts of a platform as an operator would reach them. Each answers what was found, or throws OperatorError with why and what to do. */
export interface PlatformProbe {
  host(target: ProfileInput): Promise<Found>;
  tls(target: ProfileInput): Promise<Found>;
  signIn(target: ProfileInput): Promise<SignedIn>;
  gateway(target: ProfileInput): Promise<Found>;
  /** Ids of the gateways that the asked one knows. */
  token(target: ProfileInput): Promise<readonly string[]>;
}

/** A connection of the operator's own login. */
export interface SignedIn {
  powers(): Promise<Found>;
  schema(): Promise<Found>;
  operator(): Promise<Found>;
  /** Ids of the gateways that the database knows. */
  gateways(): Promise<readonly string[]>;
  end(): Promise<void>;
}
