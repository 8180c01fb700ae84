import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Who may see the page: whoever opened the one-time address. One address is valid at a time, for a quarter of an hour; opening it uses it up and starts
 * a session. A session has two secrets: one lives in a cookie and gives the page, the other one in the window that was opened and gives the console. A
 * cookie is of a host, not of a port: any server of this machine that the browser visits is sent it. What a window keeps is not.
 */
export interface SessionGate {
  /** A new one-time token (256 bit, base64url); the one before it stops being valid. */
  issueToken(): string;
  /** The session's secrets when the token was the valid one. Uses the token up, also when its time is over. */
  redeem(token: string): Session | 'expired' | undefined;
  /** True for a cookie that `redeem` gave out. */
  admits(cookie: string): boolean;
  /** True for a window's key that was given out with that cookie. */
  admitsWindow(cookie: string, windowKey: string): boolean;
}

/** Two secrets of 256 bit, base64url. */
export interface Session {
  readonly cookie: string;
  readonly windowKey: string;
}

export interface SessionGateOptions {
  /** So many unpredictable bytes. */
  readonly random: (bytes: number) => Buffer;
  /** Monotonic, in ms. */
  readonly nowMs: () => number;
}

export const TOKEN_LIFE_MS = 15 * 60_000;

export function createSessionGate({ random, nowMs }: SessionGateOptions): SessionGate {
  let token: { readonly digest: Buffer; readonly untilMs: number } | undefined;
  const sessions: { readonly cookie: Buffer; readonly windowKey: Buffer }[] = [];
  const secret = (): string => random(32).toString('base64url');
  const find = (cookie: string) => {
    const given = digest(cookie);
    return sessions.find((session) => timingSafeEqual(session.cookie, given));
  };
  return {
    issueToken() {
      const text = secret();
      token = { digest: digest(text), untilMs: nowMs() + TOKEN_LIFE_MS };
      return text;
    },
    redeem(text) {
      if (!token || !timingSafeEqual(token.digest, digest(text))) return undefined;
      const { untilMs } = token;
      token = undefined;
      if (nowMs() >= untilMs) return 'expired';
      const session = { cookie: secret(), windowKey: secret() };
      sessions.push({ cookie: digest(session.cookie), windowKey: digest(session.windowKey) });
      return session;
    },
    admits: (cookie) => find(cookie) !== undefined,
    admitsWindow(cookie, windowKey) {
      const session = find(cookie);
      return session !== undefined && timingSafeEqual(session.windowKey, digest(windowKey));
    },
  };
}

/** Only digests are kept and compared: equal length, and nothing to learn from the time a comparison takes. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
