import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

const IDLE_EVERY_MS = 50;

/** Takes no more calls and lets open ones end, for so long at most. Kept connections become idle only after their last answer: nobody else closes them then. */
export async function closeServer(app: FastifyInstance, patienceMs: number): Promise<void> {
  const closed = app.close();
  const idleTimer = setInterval(() => app.server.closeIdleConnections(), IDLE_EVERY_MS);
  await Promise.race([closed, pause(patienceMs, undefined, { ref: false })]);
  clearInterval(idleTimer);
  app.server.closeAllConnections();
  await closed;
}
