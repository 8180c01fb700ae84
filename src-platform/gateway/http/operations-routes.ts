import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { MetricText } from '../operations/metric-text.ts';
import type { Readiness } from '../operations/readiness.ts';
import { presentedKey } from '../policy/authenticate.ts';
import type { AdminDoor } from './admin-routes.ts';

export interface OperationsRoutesPorts {
  readonly readiness: () => Readiness;
  /** Somebody looked whether calls may be sent here. */
  readonly onAsked: () => void;
  readonly metrics: MetricText;
  /** SHA-256 of the token for metrics alone; undefined: there is none. */
  readonly metricsToken: Buffer | undefined;
  /** Ids of all tenants: the sums of metrics are over them. */
  readonly tenantIds: () => readonly string[];
}

/**
 * What machines look at. Probes come without a token and hear states alone. Metrics are for who has their token, which works with the
 * database away, or for an operator who may see every client; a client's key opens nothing here.
 */
export function addOperationsRoutes(app: FastifyInstance, ports: OperationsRoutesPorts, door: AdminDoor): void {
  app.get('/healthz', () => {
    const { draining, parts } = ports.readiness();
    return { ok: true, draining, parts };
  });

  app.get('/readyz', (_request, reply): FastifyReply => {
    ports.onAsked();
    const { missing, draining, parts } = ports.readiness();
    const ready = missing.length === 0;
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ ready, missing, draining, parts });
  });

  app.get('/metrics', async (request, reply) => {
    if (!(await mayRead(request, reply))) return reply;
    return reply.type(ports.metrics.contentType).send(await ports.metrics.text());
  });

  async function mayRead(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const digest = createHash('sha256')
      .update(presentedKey(request.raw.rawHeaders) ?? '')
      .digest();
    if (ports.metricsToken !== undefined && timingSafeEqual(digest, ports.metricsToken)) return true;
    const access = await door.operatorOf(request, reply);
    if (access === undefined) return false;
    const seen = new Set(access.tenantIds);
    if (ports.tenantIds().every((id) => seen.has(id))) return true;
    await door.refuse(
      reply,
      403,
      'all_clients',
      'Metrics are sums over all clients: they are for those who may see all.',
    );
    return false;
  }
}
