// A process of its own for js-redis-server, used where the machine has no Redis. Argument: the port. The password, if any, is in the environment.
import { once } from 'node:events';
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from 'js-redis-server/core';

const port = Number(process.argv[2]);
const requirepass = process.env['TENANTDESK_REDIS_PASSWORD'];
const { server } = new Resp2Server({
  server: new RedisServerState(requirepass === undefined ? {} : { requirepass }),
  executor: createRedisCommandExecutor(),
});
// Else its answers wait up to 40 ms for one another, as no Redis' do.
server.on('connection', (socket) => void socket.setNoDelay(true));
// Its own listen() would hear the whole network.
server.listen(port, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`ready on port ${port}\n`);
// Its own close() waits for clients that never leave.
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
