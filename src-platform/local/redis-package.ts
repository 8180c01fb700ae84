import { findDebianProgram, type DebianProgram, type FindProgramOptions, type FoundProgram } from './debian-program.ts';

const REDIS: DebianProgram = {
  title: 'Redis',
  programs: ['redis-server', 'valkey-server'],
  packages: ['redis-server', 'redis-tools'],
  path: 'usr/bin/redis-server',
};

/** A real Redis: on PATH, in the cache, or downloaded. */
export const findRealRedis = (options: FindProgramOptions): Promise<FoundProgram> => findDebianProgram(REDIS, options);
