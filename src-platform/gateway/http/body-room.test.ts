import { expect, test } from 'vitest';
import { createBodyRoom } from './body-room.ts';

test('one tenant can’t take all of it, all together not more, and what is given back is there again', () => {
  const room = createBodyRoom({ ofAll: 10, ofOneTenant: 6 });
  expect(room.take('a', 6)).toBe(true);
  expect(room.take('a', 1)).toBe(false);
  expect(room.take('b', 5)).toBe(false);
  expect(room.take('b', 4)).toBe(true);
  expect(room.take('c', 1)).toBe(false);
  room.give('a', 2);
  expect(room.take('b', 3)).toBe(false);
  expect(room.take('a', 2)).toBe(true);
  room.give('a', 6);
  room.give('b', 4);
  expect(room.take('c', 6)).toBe(true);
});
