import { createServer as createHttpServer } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { badRequest } from '../admission/refusal.ts';
import { answerRefusal } from '../calls/answer-refusal.ts';
import { formatOf } from '../formats/formats.ts';
import { addAdminRoutes, createAdminDoor, type AdminRoutesPorts } from './admin-routes.ts';
import { createCallReceiver, type CallReceiverPorts } from './call-receiver.ts';
import { addOperationsRoutes, type OperationsRoutesPorts } from './operations-routes.ts';
import { internalError, tooLarge } from './server-refusals.ts';
import { addTenantRoutes, type TenantRoutesPorts } from './tenant-routes.ts';

export interface ServerPorts {
  readonly tenants: TenantRoutesPorts & Pick<CallReceiverPorts, 'handleCall' | 'onAnyRefusal'>;
  readonly admin: AdminRoutesPorts;
  readonly operations: OperationsRoutesPorts;
  readonly onError: (error: unknown) => void;
}

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
const RECEIVE_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 72_000;
const LARGEST_HEADERS = 16 * 1024;

const SERVER_OPTIONS = {
  insecureHTTPParser: false,
  // Looked at with the rest of a request's framing: node would go on with what comes behind it.
  requireHostHeader: false,
  maxHeaderSize: LARGEST_HEADERS,
  requestTimeout: RECEIVE_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  noDelay: true,
};

/** The HTTP side of the gateway; not listening yet. Bodies are handed on as text: what is valid is for the wire format to say. */
export function createServer(ports: ServerPorts): FastifyInstance {
  const calls = createCallReceiver({ ...ports.tenants, onError: ports.onError }, BODY_LIMIT_BYTES);
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    exposeHeadRoutes: false,
    // Calls take the short way; the framework has the rest.
    serverFactory: (others) => createHttpServer(SERVER_OPTIONS, calls.listener(others)),
  });
  // A connection that was opened ahead and never used is not idle for node: nobody else would close it at the end.
  const connections = new Set<Socket>();
  app.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  app.server.on('checkContinue', (incoming, outgoing) => {
    // A body that would be refused is not asked for.
    if (Number(incoming.headers['content-length'] ?? 0) <= BODY_LIMIT_BYTES) outgoing.writeContinue();
    app.server.emit('request', incoming, outgoing);
  });
  app.addHook('preClose', (done) => {
    calls.stop();
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    const format = formatOf(pathOf(request.url));
    if (status === 413) return answerRefusal(reply, format, tooLarge(BODY_LIMIT_BYTES));
    if (status >= 400 && status < 500) {
      return answerRefusal(reply, format, badRequest('invalid_request', error.message));
    }
    ports.onError(error);
    return answerRefusal(reply, format, internalError());
  });
  app.setNotFoundHandler((request, reply) =>
    answerRefusal(
      reply,
      formatOf(pathOf(request.url)),
      badRequest('not_found', `There is no ${request.method} ${pathOf(request.url)}.`, null, 404),
    ),
  );

  app.register(async (tenantsSide) => addTenantRoutes(tenantsSide, ports.tenants));
  const door = createAdminDoor(ports.admin);
  app.register(async (operatorsSide) => addAdminRoutes(operatorsSide, ports.admin, door));
  app.register(async (machinesSide) => addOperationsRoutes(machinesSide, ports.operations, door));
  return app;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]?.slice(0, 200) ?? '';
}
