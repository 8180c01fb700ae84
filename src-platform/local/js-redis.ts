// A process of its own for js-redis-server, used where the machine has no Redis. Argument: the port.
import { createRedisMock } from 'js-redis-server';

const port = Number(process.argv[2]);
await createRedisMock({ port });
process.stdout.write(`ready on port ${port}\n`);
// Its own close() waits for clients that never leave.
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
