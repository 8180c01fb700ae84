import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { findRealRedis } from './redis-package.ts';
import { startRedis } from './redis-server.ts';

test('a real Redis is found or unpacked, and answers; where none can be had the reason is told', async (context) => {
  const found = await findRealRedis({ env: process.env });
  if (!found.found) {
    expect(found.reason).not.toBe('');
    context.skip(found.reason);
    return;
  }
  const server = await startRedis({ program: found.program, env: found.env });
  const redis = new Redis(server.url);
  try {
    expect(await redis.info('server')).toMatch(/(redis|valkey)_version/);
  } finally {
    redis.disconnect();
    await server.child.stop();
  }
}, 150_000);

test('without any means of getting one it says so', async () => {
  const found = await findRealRedis({ env: { PATH: '/nonexistent' }, cacheFolder: '/nonexistent' });
  expect(found).toMatchObject({ found: false });
});
