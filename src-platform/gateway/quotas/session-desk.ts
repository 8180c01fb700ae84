import type { QuotaStore } from './quota-store.ts';

/** A session counts as open until so long after its last call. */
export const SESSION_IDLE_MS = 5 * 60_000;

export type SessionPass = { readonly passed: true } | { readonly passed: false; readonly retryInMs: number };

/** Which sessions of each tenant are open, where their number is limited. */
export interface SessionDesk {
  /** A call of that session. */
  admit(tenantId: string, session: string, limit: number): SessionPass | Promise<SessionPass>;
  /** Every second. */
  sweep(): void;
}

export interface SessionDeskPorts {
  readonly store: QuotaStore;
  readonly monotonic: () => number;
}

interface Session {
  usedAt: number;
  /** What the store knows of it; undefined: nothing, it was opened while the store was away. */
  toldAt: number | undefined;
}

const TELL_AFTER_MS = 15_000;
const PASSED: SessionPass = { passed: true };

export function createSessionDesk({ store, monotonic }: SessionDeskPorts): SessionDesk {
  const tenants = new Map<string, Map<string, Session>>();

  async function open(tenantId: string, sessions: Map<string, Session>, session: string, limit: number) {
    // What is open here is open: a store that forgot it must not let others in its place.
    const here = stopBy(sessions, session, limit, monotonic());
    if (here !== undefined) return here;
    const answer = await store.openSession(tenantId, session, limit, SESSION_IDLE_MS);
    const now = monotonic();
    if (answer === 'away') return openAlone(sessions, session, limit, now);
    if (!answer.admitted) return { passed: false, retryInMs: answer.firstEndsIn } as const;
    sessions.set(session, { usedAt: now, toldAt: now });
    return PASSED;
  }

  return {
    admit: (tenantId, session, limit) => {
      let sessions = tenants.get(tenantId);
      if (sessions === undefined) {
        sessions = new Map();
        tenants.set(tenantId, sessions);
      }
      const now = monotonic();
      const known = sessions.get(session);
      if (known !== undefined && now - known.usedAt < SESSION_IDLE_MS - TELL_AFTER_MS) {
        known.usedAt = now;
        return PASSED;
      }
      return open(tenantId, sessions, session, limit);
    },
    sweep: () => {
      const now = monotonic();
      for (const [tenantId, sessions] of tenants) {
        const untold: [string, number][] = [];
        for (const [session, known] of sessions) {
          if (now - known.usedAt >= SESSION_IDLE_MS) sessions.delete(session);
          else if (known.toldAt === undefined || (known.usedAt > known.toldAt && now - known.toldAt >= TELL_AFTER_MS)) {
            untold.push([session, now - known.usedAt]);
            known.toldAt = now;
          }
        }
        if (untold.length > 0) store.touchSessions(tenantId, untold, SESSION_IDLE_MS);
        if (sessions.size === 0) tenants.delete(tenantId);
      }
    },
  };
}

/** By the sessions that this gateway knows. */
function openAlone(sessions: Map<string, Session>, session: string, limit: number, now: number): SessionPass {
  const stop = stopBy(sessions, session, limit, now);
  if (stop !== undefined) return stop;
  sessions.set(session, { usedAt: now, toldAt: undefined });
  return PASSED;
}

/** Undefined: as far as this gateway knows there is room for it. */
function stopBy(sessions: Map<string, Session>, session: string, limit: number, now: number): SessionPass | undefined {
  let first = now;
  let open = 0;
  for (const [name, { usedAt }] of sessions) {
    if (now - usedAt >= SESSION_IDLE_MS || name === session) continue;
    open += 1;
    first = Math.min(first, usedAt);
  }
  if (open < limit) return undefined;
  return { passed: false, retryInMs: open === 0 ? SESSION_IDLE_MS : first + SESSION_IDLE_MS - now };
}
