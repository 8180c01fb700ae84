// A process of its own for js-redis-server, used where the machine has no Redis. Argument: the port. The password, if any, is in the environment.
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from 'js-redis-server/core';

const port = Number(process.argv[2]);
const requirepass = process.env['TENANTDESK_REDIS_PASSWORD'];
const server = new Resp2Server({
  server: new RedisServerState(requirepass === undefined ? {} : { requirepass }),
  executor: createRedisCommandExecutor(),
});
await server.listen(port);
process.stdout.write(`ready on port ${port}\n`);
// Its own close() waits for clients that never leave.
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
