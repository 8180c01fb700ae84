import { AsyncIteratorClass, os } from '@orpc/server';
import { isStream } from './errors.ts';

/** Counts what must not be cut off by an end that can wait: changes on their way, checks, exports, trials of a connection. */
export interface WorkUnderWay {
  isAny(): boolean;
  /** One piece of work begins; the answer ends it, once. */
  begin(): () => void;
}

export function createWorkUnderWay(): WorkUnderWay {
  const pieces = new Set<object>();
  return {
    isAny: () => pieces.size > 0,
    begin() {
      const piece = {};
      pieces.add(piece);
      return () => void pieces.delete(piece);
    },
  };
}

/** Streams that last as long as the window looks; each other stream is a piece of work with an end. */
const ENDLESS = /^(watch\w*|pulse|memory|outbox)$/;
/** They write into the vault, without an idempotency key. */
const WRITING = new Set(['vault', 'profiles']);

export function countingWork(work: WorkUnderWay) {
  return os.middleware(async ({ next, path }, input: unknown) => {
    if (ENDLESS.test(path.at(-1) ?? '')) return await next();
    const changes =
      WRITING.has(path[0] ?? '') || (typeof input === 'object' && input !== null && 'idempotencyKey' in input);
    const end = changes ? work.begin() : () => undefined;
    try {
      const result = await next();
      const output: unknown = result.output;
      return isStream(output) ? { ...result, output: countedStream(output, work.begin()) } : result;
    } finally {
      end();
    }
  });
}

function countedStream(stream: AsyncIterator<unknown>, end: () => void): AsyncIteratorObject<unknown> {
  return new AsyncIteratorClass<unknown>(
    () => stream.next(),
    async (reason) => {
      end();
      if (reason !== 'next') await stream.return?.();
    },
  );
}
