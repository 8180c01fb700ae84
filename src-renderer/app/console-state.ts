import type { SessionState } from '../../src-main/contract/session.ts';
import { formatSince } from '../ui/format-instant.ts';
import type { StateShape, Tone } from '../ui/state-mark.tsx';
import type { LineState } from './connect.ts';

/** How everything behind the window stands, in the words of the screen. */
export interface ConsoleState {
  shape: StateShape;
  tone: Tone;
  /** "live", "catching up", "gateway away since 14:02". */
  text: string;
  /** What else the operator has to know, while the figures are true; null: nothing. */
  notice: string | null;
  /** Why the board's figures are old or not whole; null when they are live. */
  stale: string | null;
  /** Why no change can be made now; null when one can. Changes are refused then, never queued. */
  changesOff: string | null;
}

/**
 * `boardReturns`: how often the database had come back when the board's rows were read; null: no frame on this line yet. `now`: this
 * machine's clock.
 */
export function consoleState(
  line: LineState,
  session: SessionState | null,
  boardReturns: number | null,
  now = new Date(),
): ConsoleState {
  const state = stateOf(line, session, boardReturns !== null, now);
  const fresh = session === null || (session.refreshed && (boardReturns ?? 0) >= session.returns);
  if (fresh || state.changesOff !== null || boardReturns === null) return state;
  // What stands on the screen may be from before the database's return: no button works on it.
  return state === LIVE ? catchingUp(REFRESHING) : { ...state, changesOff: REFRESHING };
}

const REFRESHING = 'The platform is back and what you see is being read again. Changes can be made in a moment.';

function stateOf(line: LineState, session: SessionState | null, loaded: boolean, now: Date): ConsoleState {
  if (line.state === 'lost') {
    const since = formatSince(line.since, now);
    return {
      shape: 'dashed',
      tone: 'warn',
      text: `offline since ${since}`,
      notice: null,
      stale: `Offline since ${since}: the window has lost its console and asks for it again. Figures below are from before.`,
      changesOff: `Offline since ${since}: caps can’t be changed until the console is back.`,
    };
  }
  if (session === null || line.state === 'connecting') {
    return catchingUp('The window is connecting; caps can be changed when it has.');
  }
  if (session.locked !== null) {
    return {
      shape: 'triangle',
      tone: 'warn',
      text: 'locked',
      notice: null,
      stale: session.locked,
      changesOff: session.locked,
    };
  }
  const gateway = awaySince(session.gateway, now);
  const database = awaySince(session.database, now);
  if (database !== null) {
    return {
      shape: 'triangle',
      tone: 'warn',
      notice: null,
      text: gateway === null ? `database away since ${database}` : `gateway and database away since ${database}`,
      stale: sentence(
        `Database away since ${database}`,
        session.database.reason,
        gateway === null
          ? 'Names, caps and burn rates are from before.'
          : 'No gateway answers either: every figure is from before, with its age; what was spent since is unknown.',
      ),
      changesOff: `Database away since ${database}: nothing can be changed until it is back, and nothing waits to be.`,
    };
  }
  if (gateway !== null) {
    return {
      shape: 'triangle',
      tone: 'warn',
      text: `gateway away since ${gateway}`,
      notice: null,
      stale: sentence(
        `Gateway away since ${gateway}`,
        session.gateway.reason,
        'Held, calls and refusals of now are unknown.',
      ),
      changesOff: null,
    };
  }
  const ownTrouble = gatewayTrouble(session, now);
  if (ownTrouble !== null) return ownTrouble;
  if (session.gateway.state === 'connecting' || session.database.state === 'connecting' || !loaded) {
    return catchingUp(session.database.state === 'connecting' ? 'The console is connecting to the database.' : null);
  }
  return providerTrouble(session, now) ?? LIVE;
}

const LIVE: ConsoleState = {
  shape: 'circle',
  tone: 'calm',
  text: 'live',
  notice: null,
  stale: null,
  changesOff: null,
};

/** Everything of ours answers, but not whom the calls go to. */
function providerTrouble({ providersAway }: SessionState, now: Date): ConsoleState | null {
  const [first] = providersAway;
  if (first === undefined) return null;
  const names = providersAway.map(({ id }) => id).join(', ');
  const since = formatSince(first.since, now);
  return {
    shape: 'triangle',
    tone: 'warn',
    text: `${names} away since ${since}`,
    notice:
      `The provider ${names} does not answer the gateway since ${since}: its calls fail or wait. ` +
      'What a call may have cost stays held until it is known. Figures and caps are not touched.',
    stale: null,
    changesOff: null,
  };
}

/** The gateway is heard, but not all it stands on. */
function gatewayTrouble({ gatewayDatabase, redis, gateways }: SessionState, now: Date): ConsoleState | null {
  const database = gatewayDatabase === null ? null : awaySince(gatewayDatabase, now);
  const exchange = redis === null ? null : awaySince(redis, now);
  if (database !== null) {
    return {
      shape: 'triangle',
      tone: 'warn',
      text: `gateway without database since ${database}`,
      notice: null,
      stale: sentence(`Gateway without its database since ${database}`, gatewayDatabase?.reason ?? null, ''),
      changesOff: null,
    };
  }
  if (exchange !== null) {
    const consequence =
      gateways.length > 1
        ? 'Held and calls of all gateways are unknown; spend is the ledger’s.'
        : 'There is no other gateway, so the figures are whole.';
    return {
      shape: 'triangle',
      tone: 'warn',
      text: `redis away since ${exchange}`,
      notice: null,
      stale: sentence(`Redis away since ${exchange}`, redis?.reason ?? null, consequence),
      changesOff: null,
    };
  }
  return null;
}

function catchingUp(changesOff: string | null): ConsoleState {
  return { shape: 'dashed', tone: 'idle', text: 'catching up', notice: null, stale: null, changesOff };
}

function awaySince(link: SessionState['gateway'], now: Date): string | null {
  return link.state === 'away' ? formatSince(link.since, now) : null;
}

function sentence(what: string, reason: string | null, consequence: string): string {
  const why = reason === null ? '' : ` ${reason.replace(/([^.!?])$/, '$1.')}`;
  return `${what}.${why} ${consequence}`.trimEnd();
}
