/** Preload (`node --import`): whatever this process listens on, it listens on loopback only. For programs that can't be told. */
import { Server } from 'node:net';

const listen = Reflect.get(Server.prototype, 'listen') as (...args: unknown[]) => unknown;

function listenOnLoopback(this: Server, ...args: unknown[]): unknown {
  const [first] = args;
  const callback = args.find((argument) => typeof argument === 'function');
  const port = typeof first === 'object' && first !== null && 'port' in first ? first.port : first;
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, callback);
}

Reflect.set(Server.prototype, 'listen', listenOnLoopback);
