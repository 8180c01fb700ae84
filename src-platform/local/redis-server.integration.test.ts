import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { startRedis } from './redis-server.ts';

const PASSWORD = 'a-word_of-32-letters_0123456789';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'td-redis-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What it says to a PING. */
async function ping(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, enableReadyCheck: false });
  redis.on('error', () => undefined);
  try {
    return await redis.ping();
  } catch (error) {
    return String(error);
  } finally {
    redis.disconnect();
  }
}

test.each(['a real one, where there is one', 'the stand-in'])(
  'with a password nobody else gets in: %s',
  async (which) => {
    const configFile = path.join(folder, 'redis.conf');
    const program = which === 'the stand-in' ? {} : inject('testRedis');
    const server = await startRedis({ ...program, password: { text: PASSWORD, configFile } });
    try {
      expect(await ping(server.url)).toBe('PONG');
      const bare = server.url.replace(`:${PASSWORD}@`, '');
      expect(bare).not.toBe(server.url);
      expect(await ping(bare)).toContain('NOAUTH');
      expect(await ping(server.url.replace(PASSWORD, 'another'))).toMatch(/NOAUTH|WRONGPASS/);
      if (server.engine !== 'js-redis-server') expect(statSync(configFile).mode & 0o777).toBe(0o600);
      if (process.platform === 'linux') {
        expect(readFileSync(`/proc/${server.child.pid}/cmdline`, 'utf8')).not.toContain(PASSWORD);
      }
    } finally {
      await server.child.stop();
    }
  },
);

test.skipIf(process.platform !== 'linux')('the stand-in hears this computer alone', async () => {
  const server = await startRedis();
  try {
    const hex = server.port.toString(16).toUpperCase().padStart(4, '0');
    const listening = ['tcp', 'tcp6'].flatMap((name) =>
      readFileSync(`/proc/net/${name}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local = '', , state]) => local.endsWith(`:${hex}`) && state === '0A')
        .map(([, local = '']) => local),
    );
    expect(listening).toEqual([`0100007F:${hex}`]);
  } finally {
    await server.child.stop();
  }
});
