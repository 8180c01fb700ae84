import { ORPCError } from '@orpc/client';
import { expect, test } from 'vitest';
import { ConnectionLost } from './connection-lost.ts';
import { createSubmitter } from './submission.ts';

interface Sent {
  name: string;
  idempotencyKey: string;
}

function setUp() {
  const sent: Sent[] = [];
  const answers: PromiseWithResolvers<string>[] = [];
  let keys = 0;
  const submitter = createSubmitter<{ name: string }, string>({
    send: ({ name }, idempotencyKey) => {
      sent.push({ name, idempotencyKey });
      const answer = Promise.withResolvers<string>();
      answers.push(answer);
      return answer.promise;
    },
    newKey: () => `key ${(keys += 1)}`,
  });
  return { submitter, sent, answers };
}

test('a double click sends one change', async () => {
  const { submitter, sent, answers } = setUp();
  submitter.submit({ name: 'bot' });
  submitter.submit({ name: 'bot' });
  expect(sent).toEqual([{ name: 'bot', idempotencyKey: 'key 1' }]);
  answers[0]!.resolve('secret');
  await answers[0]!.promise;
  expect(submitter.now.get()).toEqual({ state: 'done', result: 'secret' });
  submitter.submit({ name: 'bot' });
  expect(sent).toHaveLength(1);
});

test.each([
  ['a broken line', new ConnectionLost()],
  ['a database that is away', new ORPCError('UNAVAILABLE', { message: 'The database does not answer.' })],
])('after %s the very same is sent again', async (_what, error) => {
  const { submitter, sent, answers } = setUp();
  submitter.submit({ name: 'bot' });
  answers[0]!.reject(error);
  await answers[0]!.promise.catch(() => undefined);
  expect(submitter.now.get()).toEqual({ state: 'unanswered', sentence: error.message });
  submitter.submit({ name: 'another' });
  submitter.again();
  expect(sent).toEqual([
    { name: 'bot', idempotencyKey: 'key 1' },
    { name: 'bot', idempotencyKey: 'key 1' },
  ]);
});

test('what was refused is sent anew with another key, and says why', async () => {
  const { submitter, sent, answers } = setUp();
  submitter.submit({ name: 'bot' });
  answers[0]!.reject(new ORPCError('CONFLICT', { message: 'The name is taken.' }));
  await answers[0]!.promise.catch(() => undefined);
  expect(submitter.now.get()).toEqual({ state: 'refused', sentence: 'The name is taken.' });
  submitter.submit({ name: 'robot' });
  expect(sent[1]).toEqual({ name: 'robot', idempotencyKey: 'key 2' });
});

test('forgets its answer, but not while one is on its way', async () => {
  const { submitter, answers } = setUp();
  submitter.submit({ name: 'bot' });
  submitter.reset();
  expect(submitter.now.get().state).toBe('pending');
  answers[0]!.resolve('secret');
  await answers[0]!.promise;
  submitter.reset();
  expect(submitter.now.get()).toEqual({ state: 'open' });
});
