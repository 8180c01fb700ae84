import type { CallbackResponse, OnBeforeRequestListenerDetails, Protocol, Session, WebRequest } from 'electron';
import { SESSION_EVENTS } from './event-names.ts';
import { runtime } from './runtime.ts';
import { createEvents, refused, strict } from './strict.ts';

type Handler = (request: Request) => Response | Promise<Response>;

/** A session, as the windows in it see it. */
export interface StandInSession {
  /** What main holds. */
  readonly api: object;
  /** Throws while a guard that this project wants is missing. */
  checkGuards(): void;
  handler(scheme: string): Handler | undefined;
  /** What main's filter says of a request. */
  lets(url: string): boolean;
}

const GUARDS = [
  'setPermissionRequestHandler',
  'setPermissionCheckHandler',
  'setDevicePermissionHandler',
  'setDisplayMediaRequestHandler',
];
const nobody = {} as never;
const sessions = new WeakMap<object, StandInSession>();
const partitions = new Map<string, StandInSession>();

function afterReady(what: string): void {
  if (runtime.phase !== 'ready') throw refused(`${what} before the app is ready`);
}

/** The session behind what main handed over. */
export function sessionOf(api: object): StandInSession {
  const found = sessions.get(api);
  if (!found) throw refused('what was handed over is no Session');
  return found;
}

/** A session in memory, the same for the same name. */
export function sessionFromPartition(partition: string, options: { cache?: boolean } = {}): object {
  afterReady('session.fromPartition()');
  if (partition.startsWith('persist:')) throw refused(`the session ${partition} would be kept on the disk`);
  if (options.cache !== false) throw refused(`the session ${partition} has a cache`);
  const found = partitions.get(partition) ?? createSession(true);
  partitions.set(partition, found);
  return found.api;
}

/** `closed`: nothing may be asked in it before main has set a filter of requests. */
export function createSession(closed: boolean): StandInSession {
  const guards = new Set<string>();
  const handlers = new Map<string, Handler>();
  let filter: ((details: OnBeforeRequestListenerDetails, answer: (said: CallbackResponse) => void) => void) | undefined;
  const events = createEvents('Session', SESSION_EVENTS);

  /** Notes that a guard was set, after asking it for something: one that says yes is refused. */
  function guard<Asked>(name: string, grants: (handler: Asked) => boolean): (handler: Asked | null) => void {
    return (handler) => {
      afterReady(`session.${name}()`);
      if (handler === null || grants(handler)) throw refused(`a handler that grants, given to session.${name}()`);
      guards.add(name);
    };
  }
  const protocol = strict('protocol', {
    handle(scheme: string, handler: Handler) {
      afterReady('protocol.handle()');
      if (!runtime.schemes.has(scheme)) throw refused(`protocol.handle() for the unprivileged scheme ${scheme}`);
      handlers.set(scheme, handler);
    },
  } satisfies Pick<Protocol, 'handle'>);
  const webRequest: Pick<WebRequest, 'onBeforeRequest'> = strict('webRequest', {
    onBeforeRequest(listener: unknown) {
      if (typeof listener !== 'function') throw refused('a filter of requests that is no function');
      filter = listener as typeof filter;
    },
  });
  const api = strict('Session', {
    on: events.on,
    protocol,
    webRequest,
    ...({
      setPermissionRequestHandler: guard('setPermissionRequestHandler', (handler) => {
        let granted = false;
        handler(nobody, 'media', (answer) => void (granted = answer), nobody);
        return granted;
      }),
      setPermissionCheckHandler: guard('setPermissionCheckHandler', (handler) =>
        handler(null, 'media', 'null', nobody),
      ),
      setDevicePermissionHandler: guard('setDevicePermissionHandler', (handler) => handler(nobody)),
      setDisplayMediaRequestHandler: guard('setDisplayMediaRequestHandler', (handler) => {
        let granted = false;
        handler(nobody, (streams) => void (granted = streams !== null));
        return granted;
      }),
    } satisfies Pick<
      Session,
      | 'setPermissionRequestHandler'
      | 'setPermissionCheckHandler'
      | 'setDevicePermissionHandler'
      | 'setDisplayMediaRequestHandler'
    >),
  });
  const session: StandInSession = {
    api,
    checkGuards() {
      const missing = GUARDS.filter((name) => !guards.has(name));
      if (missing.length > 0) throw refused(`a page without ${missing.join(', ')}`);
      if (closed && !filter) throw refused('a session of its own without a filter of requests');
    },
    handler: (scheme) => handlers.get(scheme),
    lets(url) {
      let said: CallbackResponse = {};
      filter?.({ url } as OnBeforeRequestListenerDetails, (answer) => void (said = answer));
      return said.cancel !== true;
    },
  };
  sessions.set(api, session);
  return session;
}
