import { isAlone, RAISE_LIMITS, type Command, type Deed, type Person } from './command.ts';
import {
  inForce,
  raisedBy,
  type Outcome,
  type Made,
  type Change,
  type Raise,
  type Request,
  type Desk,
} from './desk.ts';

class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}
const refuse = (when: boolean, code: string): void => {
  if (when) throw new Refused(code);
};

/** What comes of a command, and the desk after it; the given one stays as it is. */
export function decide(before: Desk, command: Command): { readonly desk: Desk; readonly outcome: Outcome } {
  const desk = structuredClone(before);
  const { who, deed, key } = command;
  const asked = JSON.stringify(deed);
  const place = `${who} ${key}`;
  const first = desk.answers[place];
  try {
    if (isAlone(deed) || who === 'tenant') return { desk, outcome: perform(desk, who, deed) };
    mayDo(who, deed.does);
    if (first) {
      refuse(first.asked !== asked, 'TD422');
      return { desk, outcome: first.outcome };
    }
    const outcome = perform(desk, who, deed);
    desk.answers[place] = { asked, outcome };
    return { desk, outcome };
  } catch (error) {
    if (error instanceof Refused) return { desk: before, outcome: { error: error.code } };
    throw error;
  }
}

function mayDo(who: Person, does: Deed['does']): void {
  const managers = ['set', 'undo', 'remove', 'ask'].includes(does);
  refuse(who === 'viewer' || (who === 'manager' && !managers), '42501');
  refuse(who === 'stranger', 'TD404');
}

function perform(desk: Desk, who: Person, deed: Deed): Outcome {
  switch (deed.does) {
    case 'set':
      return set(desk, who, deed.limit, deed.version);
    case 'undo':
      return undo(desk, who, deed.version);
    case 'add':
      refuse(deed.version !== desk.version, 'TD409');
      return mayRaise(desk, who, deed.amount)
        ? override(desk, who, undefined, deed.amount)
        : waitForSecond(desk, who, 'override', deed.amount);
    case 'remove':
      return remove(desk, who, deed.override);
    case 'ask':
      return ask(desk, who, deed.amount, deed.reason);
    case 'approve':
      return approve(desk, who, deed.request, deed.amount, deed.version);
    case 'decline':
      return decline(desk, who, deed.request);
    case 'confirm':
      return confirm(desk, who, deed.raise);
    case 'reject': {
      const raise = waiting(desk, deed.raise);
      raise.state = raise.by === who ? 'withdrawn' : 'rejected';
      desk.audit += 1;
      return { fields: { state: raise.state } };
    }
    case 'trust':
      desk.trusted = true;
      return { fields: {} };
    case 'wait':
    default:
      for (const thing of [...desk.changes, ...desk.overrides]) thing.old = true;
      for (const raise of desk.raises) raise.expired = true;
      if (deed.week) for (const request of desk.requests) request.expired = true;
      return { fields: {} };
  }
}

const mayRaise = (desk: Desk, who: Person, more: number): boolean => {
  const most = desk.trusted && who === 'junior' ? null : RAISE_LIMITS[who];
  return most === null || raisedBy(desk, who) + more <= most;
};

function write(desk: Desk, change: Omit<Change, 'version' | 'from' | 'old'>, limit = desk.limit): Made {
  const version = desk.version + 1;
  desk.changes.push({ ...change, version, from: desk.limit, old: false });
  desk.version = version;
  desk.limit = limit;
  desk.audit += 1;
  return { fields: { version, limit, inForce: inForce(desk) } };
}

function set(desk: Desk, who: Person, limit: number, version: number): Outcome {
  refuse(version !== desk.version, 'TD409');
  refuse(limit === desk.limit, 'TD400');
  const more = limit - desk.limit;
  refuse(more > 0 && who === 'manager', 'TD403');
  if (more > 0 && !mayRaise(desk, who, more)) return waitForSecond(desk, who, 'cap', more);
  return write(desk, { kind: more > 0 ? 'raise' : 'lower', more, by: who }, limit);
}

function undo(desk: Desk, who: Person, version: number): Outcome {
  refuse(version !== desk.version, 'TD409');
  const change = desk.changes.find((made) => made.version === version);
  if (change === undefined || (change.kind !== 'raise' && change.kind !== 'lower')) throw new Refused('TD400');
  refuse(change.by !== who || change.old, 'TD403');
  return write(desk, { kind: 'undo', more: change.from - desk.limit, by: who }, change.from);
}

function override(desk: Desk, by: Person, second: Person | undefined, amount: number): Made {
  const place = desk.overrides.push({ id: '', amount, by, second, removed: false, old: false }) - 1;
  const { fields } = write(desk, { kind: 'override', more: amount, by, second });
  return { fields: { ...fields, amount }, override: place };
}

function remove(desk: Desk, who: Person, id: string): Outcome {
  const found = named(desk.overrides, id);
  refuse(found.removed, 'TD409');
  found.removed = true;
  return write(desk, { kind: 'override_removed', more: 0, by: who });
}

/** What time or another version of the cap has ended is written down. */
function endRequests(desk: Desk): void {
  for (const raise of desk.raises) {
    if (raise.state !== 'waiting' || !(raise.expired || raise.version !== desk.version)) continue;
    raise.state = raise.version === desk.version ? 'expired' : 'void';
    desk.audit += 1;
  }
  for (const request of desk.requests) {
    if (request.status !== 'open' || !request.expired) continue;
    request.status = 'expired';
    desk.audit += 1;
  }
}

function waitForSecond(desk: Desk, by: Person, kind: Raise['kind'], amount: number, request?: number): Outcome {
  endRequests(desk);
  const theirs = (raise: Raise): boolean => (request === undefined ? raise.by === by : raise.request === request);
  refuse(
    desk.raises.some((raise) => raise.state === 'waiting' && theirs(raise)),
    'TD409',
  );
  const { version, limit } = desk;
  const raise = desk.raises.push({ id: '', by, kind, amount, version, request, state: 'waiting', expired: false }) - 1;
  desk.audit += 1;
  return { fields: { pending: true, version, limit, inForce: inForce(desk), amount }, raise };
}

function ask(desk: Desk, by: Person, amount: number, reason: string): Outcome {
  endRequests(desk);
  const place = desk.requests.findIndex(({ status }) => status === 'open');
  const open = desk.requests[place];
  if (open) {
    refuse(open.by !== by, 'TD409');
    if (open.amount === amount && open.reason === reason) return { fields: { status: 'open', amount }, request: place };
    refuse(
      desk.raises.some(({ state, request }) => state === 'waiting' && request === place),
      'TD409',
    );
    refuse(open.changed >= 20, 'TD409');
    Object.assign(open, { amount, reason, version: desk.version, changed: open.changed + 1 });
  } else {
    const { version } = desk;
    desk.requests.push({ id: '', by, amount, reason, version, status: 'open', changed: 0, expired: false });
  }
  desk.audit += 1;
  return { fields: { status: 'open', amount }, request: open ? place : desk.requests.length - 1 };
}

function openRequest(desk: Desk, id: string): Request {
  const request = named(desk.requests, id);
  refuse(request.status !== 'open' || request.expired, 'TD409');
  return request;
}

function decline(desk: Desk, who: Person, id: string): Outcome {
  const request = openRequest(desk, id);
  const place = desk.requests.indexOf(request);
  request.status = request.by === who ? 'withdrawn' : 'declined';
  for (const raise of desk.raises) if (raise.request === place && raise.state === 'waiting') raise.state = 'void';
  desk.audit += 1;
  return { fields: { status: request.status } };
}

function approve(desk: Desk, who: Person, id: string, other: number | null, version: number | null): Outcome {
  const request = openRequest(desk, id);
  refuse(request.by === who, 'TD403');
  refuse(desk.version !== (version ?? request.version), 'TD409');
  const amount = other ?? request.amount;
  if (!mayRaise(desk, who, amount)) return waitForSecond(desk, who, 'request', amount, desk.requests.indexOf(request));
  const outcome = override(desk, who, undefined, amount);
  request.status = 'approved';
  endRequests(desk);
  return { ...outcome, fields: { ...outcome.fields, status: 'approved' } };
}

function waiting(desk: Desk, id: string): Raise {
  const raise = named(desk.raises, id);
  refuse(raise.state !== 'waiting' || raise.version !== desk.version || raise.expired, 'TD409');
  return raise;
}

function confirm(desk: Desk, who: Person, id: string): Outcome {
  const raise = waiting(desk, id);
  refuse(raise.by === who, 'TD403');
  const request = raise.request === undefined ? undefined : desk.requests[raise.request];
  refuse(request?.by === who, 'TD403');
  refuse(request !== undefined && (request.status !== 'open' || request.expired), 'TD409');
  refuse(!mayRaise(desk, who, raise.amount), 'TD403');
  raise.state = 'confirmed';
  if (request) request.status = 'approved';
  const { by, amount } = raise;
  return raise.kind === 'cap'
    ? write(desk, { kind: 'raise', more: amount, by, second: who }, desk.limit + amount)
    : override(desk, by, who, amount);
}

function named<T extends { readonly id: string }>(things: readonly T[], id: string): T {
  const thing = things.find((one) => one.id === id);
  if (thing === undefined) throw new Error(`There is no ${id}.`);
  return thing;
}
