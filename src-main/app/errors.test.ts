import { implement, ORPCError, createRouterClient } from '@orpc/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { contract } from '../contract/contract.ts';
import { createKnownSecrets } from '../infra/known-secrets.ts';
import { OperatorError, type OperatorErrorCode } from '../infra/operator-error.ts';
import { createFakeConsole } from '../testing/fake-console.ts';
import { createFakeLogger, type FakeLogger } from '../testing/fake-logger.ts';
import { fakeId } from '../testing/fake-tenants.ts';
import { answeringErrors } from './errors.ts';

let log: FakeLogger;
beforeEach(() => {
  log = createFakeLogger();
});

const SECRET = 'inner /etc/passwd postgres://user:pw@host';

/** A client of a router in which `tenants.detail` and `session.watch` do as told. */
function clientOf(detail: () => unknown, watch: () => AsyncIterator<unknown> = () => [][Symbol.iterator]() as never) {
  const os = implement(contract).use(answeringErrors(log, createKnownSecrets()));
  const fake = createFakeConsole({ tenants: 0 }).router;
  const router = os.router({
    ...fake,
    tenants: { ...fake.tenants, detail: os.tenants.detail.handler(() => detail() as never) },
    session: { ...fake.session, watch: os.session.watch.handler(() => watch() as never) },
  });
  return createRouterClient(router, { context: {} });
}

async function answerOf(failure: unknown): Promise<Record<string, unknown>> {
  const client = clientOf(() => {
    throw failure;
  });
  const error: unknown = await client.tenants.detail({ tenantId: fakeId(1, 0) }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ORPCError);
  return (error as ORPCError<string, unknown>).toJSON();
}

const internal = { defined: true, code: 'INTERNAL', status: 500, data: undefined };

describe('an answer that is an error', () => {
  it.each<[OperatorErrorCode, number]>([
    ['BAD_REQUEST', 400],
    ['UNAUTHORIZED', 401],
    ['FORBIDDEN', 403],
    ['NOT_FOUND', 404],
    ['UNAVAILABLE', 503],
  ])('expected, %s: carries its sentence and nothing else', async (code, status) => {
    const failure = new OperatorError(code, 'What is wrong and what to do.', {
      data: { secret: SECRET },
      cause: new Error(SECRET),
    });
    expect(await answerOf(failure)).toEqual({
      defined: true,
      code,
      status,
      message: 'What is wrong and what to do.',
      data: undefined,
    });
    expect(log.lines).toEqual([]);
  });

  it('expected, a conflict: carries the declared values', async () => {
    const cap = {
      currentLimitNanoUsd: 5n,
      currentVersion: 2,
      currentOverrideNanoUsd: 0n,
      changedBy: null,
      changedAt: null,
    };
    const answer = await answerOf(
      new OperatorError('CONFLICT', 'Changed.', { data: { cap: { ...cap, secret: SECRET }, more: SECRET } }),
    );
    expect(answer).toEqual({ defined: true, code: 'CONFLICT', status: 409, message: 'Changed.', data: { cap } });
  });

  it.each<[string, unknown]>([
    ['a defect', new TypeError(SECRET)],
    ['a thrown string', SECRET],
    ['an oRPC error of an undeclared code', new ORPCError('TEAPOT', { message: SECRET, data: SECRET })],
    [
      'an oRPC error of a declared code made by hand',
      new ORPCError('FORBIDDEN', { status: 403, message: SECRET, data: SECRET }),
    ],
  ])('unexpected, %s: becomes INTERNAL, and the log has it', async (_name, failure) => {
    const answer = await answerOf(failure);
    expect(answer).toMatchObject(internal);
    expect(JSON.stringify(answer)).not.toContain('inner');
    expect(log.lines).toMatchObject([{ level: 'error', cause: failure }]);
  });

  it('for an output that does not fit the contract is INTERNAL', async () => {
    const client = clientOf(() => ({ tenantId: SECRET }));
    const error = (await client.tenants.detail({ tenantId: fakeId(1, 0) }).catch((e: unknown) => e)) as ORPCError<
      string,
      unknown
    >;
    expect(error.toJSON()).toMatchObject(internal);
    expect(log.lines).toHaveLength(1);
  });

  it.each<[string, () => AsyncIterator<unknown>]>([
    [
      'a defect',
      async function* broken() {
        yield* [];
        throw new Error(SECRET);
      },
    ],
    [
      'a value that does not fit',
      async function* wrong() {
        yield { profile: SECRET };
      },
    ],
  ])('in the middle of a stream, %s: is INTERNAL as well', async (_name, watch) => {
    const stream = await clientOf(() => undefined, watch).session.watch();
    const error = (await stream.next().catch((e: unknown) => e)) as ORPCError<string, unknown>;
    expect(error.toJSON()).toMatchObject(internal);
    expect(log.lines).toHaveLength(1);
  });

  it('for input that was not understood names the field, not the value', async () => {
    const client = clientOf(() => undefined);
    const error = (await client.tenants.detail({ tenantId: SECRET }).catch((e: unknown) => e)) as ORPCError<
      string,
      unknown
    >;
    expect(error.toJSON()).toMatchObject({ defined: true, code: 'BAD_REQUEST', status: 400, data: undefined });
    expect(error.message).toContain('tenantId');
    expect(error.message).not.toContain('inner');
    expect(log.lines).toEqual([]);
  });
});
