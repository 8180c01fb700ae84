import { expect, it } from 'vitest';
import { createFakeLogger } from '../testing/fake-logger.ts';
import { createCloser } from './closer.ts';

it('closes the last first, each once, and goes on after a failure', async () => {
  const log = createFakeLogger();
  const closer = createCloser(log);
  const closed: string[] = [];
  closer.add('database', () => void closed.push('database'));
  closer.add('stream', async () => {
    await Promise.resolve();
    closed.push('stream');
    throw new Error('already gone');
  });
  closer.add('board', () => void closed.push('board'));
  await Promise.all([closer.close(), closer.close()]);
  await closer.close();
  expect(closed).toEqual(['board', 'stream', 'database']);
  expect(log.lines).toMatchObject([{ level: 'error', message: 'Closing stream failed.' }]);
});
