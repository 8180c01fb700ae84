import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Who may see the page: whoever opened the one-time address. One address is valid at a time; opening it uses it up and
 * starts a session, whose secret lives in a cookie. Sessions end with the process.
 */
export interface SessionGate {
  /** A new one-time token (256 bit, base64url); the one before it stops being valid. */
  issueToken(): string;
  /** The session's secret when the token was the valid one, else undefined. Uses the token up. */
  redeem(token: string): string | undefined;
  /** True for a secret that `redeem` gave out. */
  admits(secret: string): boolean;
}

/** `random` gives so many unpredictable bytes. */
export function createSessionGate(random: (bytes: number) => Buffer): SessionGate {
  let token: Buffer | undefined;
  const sessions: Buffer[] = [];
  return {
    issueToken() {
      const text = random(32).toString('base64url');
      token = digest(text);
      return text;
    },
    redeem(text) {
      if (!token || !timingSafeEqual(token, digest(text))) return undefined;
      token = undefined;
      const secret = random(32).toString('base64url');
      sessions.push(digest(secret));
      return secret;
    },
    admits(secret) {
      const given = digest(secret);
      return sessions.some((known) => timingSafeEqual(known, given));
    },
  };
}

/** Only digests are kept and compared: equal length, and nothing to learn from the time a comparison takes. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
