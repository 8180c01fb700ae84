import type { LinkState, SessionState } from '../contract/session.ts';

/** All is well since `since`, but for the parts given; nobody is signed in. */
export function fakeSession(since: Date, parts: Partial<SessionState> = {}): SessionState {
  const live: LinkState = { state: 'live', since, reason: null };
  return {
    profile: { name: 'Local', kind: 'local', colour: 'teal' },
    shell: 'browser',
    version: '0.1.0',
    operator: null,
    database: live,
    gateway: live,
    offlineSince: null,
    dataAsOf: null,
    locked: null,
    keptTrouble: null,
    skew: [],
    returns: 1,
    refreshed: true,
    gatewayDatabase: live,
    redis: live,
    providersAway: [],
    gateways: [{ id: '00000007-0000-4000-8000-000000000001', name: 'one', silentSince: null }],
    ...parts,
  };
}
