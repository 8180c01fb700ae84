import { ORPCError } from '@orpc/client';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseGrantInput, ReleaseGrantOutput } from '../../src-main/contract/grants.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createGrantReleases, type GrantReleases } from './grant-releases.ts';

const grant = { tenantId: 'tenant', grantId: 'grant' };
const result: ReleaseGrantOutput = { ...grant, gatewayName: 'eu-1', releasedNanoUsd: 5n, releasedAt: new Date(0) };

let sent: ReleaseGrantInput[];
let answers: (() => Promise<ReleaseGrantOutput>)[];
let releases: GrantReleases;
let done: number;

beforeEach(() => {
  sent = [];
  answers = [];
  done = 0;
  let keys = 0;
  releases = createGrantReleases({
    send: async (input) => {
      sent.push(input);
      const answer = answers.shift();
      return answer ? answer() : result;
    },
    newKey: () => `key ${(keys += 1)}`,
    onDone: () => (done += 1),
  });
});

const state = () => releases.of('grant').get();
const settled = async () => {
  for (let round = 0; round < 5; round += 1) await Promise.resolve();
  return state();
};

describe('the release of a grant', () => {
  it('is asked for once, and nothing is sent before', async () => {
    releases.release(grant);
    expect(await settled()).toBeNull();
    releases.ask('grant');
    expect(state()).toEqual({ state: 'asked' });
    releases.dismiss('grant');
    releases.release(grant);
    expect(sent).toEqual([]);
  });

  it('is sent once, however often it is clicked', async () => {
    releases.ask('grant');
    releases.release(grant);
    releases.release(grant);
    expect(await settled()).toEqual({ state: 'done', result });
    releases.release(grant);
    expect(sent).toEqual([{ ...grant, idempotencyKey: 'key 1' }]);
    expect(done).toBe(1);
  });

  it('after a broken line is sent again with the same key', async () => {
    answers = [() => Promise.reject(new ConnectionLost())];
    releases.ask('grant');
    releases.release(grant);
    expect(await settled()).toEqual({ state: 'unanswered', key: 'key 1' });
    releases.release(grant);
    expect(await settled()).toMatchObject({ state: 'done' });
    expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key 1', 'key 1']);
  });

  it('that is refused says why, and may be asked for again with a new key', async () => {
    answers = [() => Promise.reject(new ORPCError('CONFLICT', { message: 'Gateway eu-1 is heard again.' }))];
    releases.ask('grant');
    releases.release(grant);
    expect(await settled()).toEqual({ state: 'refused', sentence: 'Gateway eu-1 is heard again.' });
    releases.ask('grant');
    releases.release(grant);
    await settled();
    expect(sent[1]?.idempotencyKey).toBe('key 2');
  });
});
