import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { LiveFeed } from '../live/live-feed.ts';
import type { Drift } from '../operations/reconciler.ts';
import { presentedKey } from '../policy/authenticate.ts';

/** An operator as their gateway token says, and what they may see. */
export interface OperatorAccess {
  readonly operatorId: string;
  readonly role: string;
  readonly tenantIds: readonly string[];
}

export interface AdminRoutesPorts {
  readonly feed: LiveFeed;
  readonly status: () => Record<string, unknown>;
  /** Undefined: nobody's token. Rejects when the database is away. */
  readonly operatorOfToken: (digest: Buffer) => Promise<OperatorAccess | undefined>;
  /** A refusal explained, as far as that operator may see it; null: there is none. Rejects when the database is away. */
  readonly refusalOfToken: (digest: Buffer, requestId: string) => Promise<object | null>;
  /** Calls back when operators, their tenants or tenants changed; answers how to stop. */
  readonly onAccessChanged: (listener: () => void) => () => void;
  /** Compares ledger, rollups and caps of these tenants now. Rejects when the database is away. */
  readonly reconcile: (tenantIds: readonly string[]) => Promise<readonly Drift[]>;
  readonly onTrouble: (error: unknown) => void;
}

const REQUEST_ID = /^[\x21-\x7e]{1,100}$/;
const MOST_UNREAD_BYTES = 1024 * 1024;

/** Who comes with an operator's token. */
export interface AdminDoor {
  /** Undefined: there is no operator to answer, and 401 or 503 was answered. */
  readonly operatorOf: (request: FastifyRequest, reply: FastifyReply) => Promise<OperatorAccess | undefined>;
  readonly refuse: (reply: FastifyReply, status: number, code: string, message: string) => FastifyReply;
}

export function createAdminDoor(ports: Pick<AdminRoutesPorts, 'operatorOfToken' | 'onTrouble'>): AdminDoor {
  return {
    refuse: sendError,
    operatorOf: async (request, reply) => {
      let access: OperatorAccess | undefined;
      try {
        access = await ports.operatorOfToken(digestOf(request));
      } catch (error) {
        ports.onTrouble(error);
        await sendError(reply, 503, 'unavailable', 'The database cannot be asked who you are. Try again shortly.');
        return undefined;
      }
      if (access === undefined) {
        await sendError(reply, 401, 'token_unknown', 'Send a valid gateway token as "Authorization: Bearer tdo_…".');
      }
      return access;
    },
  };
}

/** The operators' side, each with their own token. */
export function addAdminRoutes(app: FastifyInstance, ports: AdminRoutesPorts, { operatorOf }: AdminDoor): void {
  app.get('/admin/v1/status', async (request, reply) => {
    const access = await operatorOf(request, reply);
    return access === undefined ? reply : ports.status();
  });

  app.get<{ Params: { requestId: string } }>('/admin/v1/refusals/:requestId', async (request, reply) => {
    const access = await operatorOf(request, reply);
    if (access === undefined) return reply;
    const { requestId } = request.params;
    if (!REQUEST_ID.test(requestId)) {
      return sendError(reply, 400, 'invalid_request', 'A request id has 1 to 100 letters, digits and signs like "-".');
    }
    let facts: object | null;
    try {
      facts = await ports.refusalOfToken(digestOf(request), requestId);
    } catch (error) {
      ports.onTrouble(error);
      return sendError(reply, 503, 'unavailable', 'The database cannot be read now. Try again shortly.');
    }
    if (facts !== null) return facts;
    const message = 'No refusal with this request id is on record among the tenants you may see.';
    return sendError(reply, 404, 'refusal_unknown', message);
  });

  app.post('/admin/v1/reconcile', async (request, reply) => {
    const access = await operatorOf(request, reply);
    if (access === undefined) return reply;
    try {
      const drift = await ports.reconcile(access.tenantIds);
      const rows = drift.map(({ tenantId, figure, wanted, found }) => ({
        tenant_id: tenantId,
        figure,
        wanted_nanousd: Number(wanted),
        found_nanousd: Number(found),
      }));
      return { tenants: access.tenantIds.length, drift: rows };
    } catch (error) {
      ports.onTrouble(error);
      return sendError(reply, 503, 'unavailable', 'The database cannot be read now. Try again shortly.');
    }
  });

  /** Open live streams; they would keep the server from closing. */
  const streams = new Set<ServerResponse>();
  app.addHook('preClose', (done) => {
    for (const raw of streams) raw.end();
    done();
  });

  app.get('/admin/v1/live', async (request, reply) => {
    const digest = digestOf(request);
    const access = await operatorOf(request, reply);
    if (access === undefined) return reply;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
    streams.add(raw);
    const subscription = ports.feed.subscribe({
      tenantIds: new Set(access.tenantIds),
      write: (line) => raw.write(line),
      behind: () => raw.writableLength > MOST_UNREAD_BYTES,
    });
    const renew = async (): Promise<void> => {
      const now = await ports.operatorOfToken(digest);
      if (now === undefined) raw.end();
      else subscription.allow(new Set(now.tenantIds));
    };
    const stop = ports.onAccessChanged(() => {
      renew().catch(ports.onTrouble);
    });
    raw.once('close', () => {
      stop();
      streams.delete(raw);
      subscription.leave();
    });
    return reply;
  });
}

function digestOf(request: FastifyRequest): Buffer {
  return createHash('sha256')
    .update(presentedKey(request.raw.rawHeaders) ?? '')
    .digest();
}

function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}
