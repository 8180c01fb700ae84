import type { SessionState } from '../contract/session.ts';
import type { OperatorCredentials } from './operator-credentials.ts';

/** One platform as one operator opens it. */
export interface OpenedProfile {
  readonly profile: SessionState['profile'];
  readonly operator: OperatorCredentials;
  /** 32 bytes that encrypt what is kept of this platform for offline use; of this profile alone. */
  readonly cacheKey: Buffer;
  /** Its files are found by this and the login. */
  readonly keptAs: string;
}
