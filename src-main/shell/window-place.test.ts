import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reachablePlace, windowPlace } from './window-place.ts';

const left = { x: 0, y: 25, width: 1920, height: 1055 };
const right = { x: 1920, y: 0, width: 2560, height: 1440 };
const at = (x: number, y: number, width = 1440, height = 900, maximised = false) => ({
  bounds: { x, y, width, height },
  maximised,
});

it('is kept on the screen it was on, maximised or not', () => {
  expect(reachablePlace(at(2000, 100), [left, right])).toEqual(at(2000, 100));
  expect(reachablePlace(at(100, 100, 1000, 700, true), [left])).toEqual(at(100, 100, 1000, 700, true));
});

it('is the usual one when its screen is gone, or only an edge of it could be seen', () => {
  expect(reachablePlace(at(2000, 100), [left])).toBeUndefined();
  expect(reachablePlace(at(1900, 100), [left])).toBeUndefined();
  expect(reachablePlace(at(100, 1070), [left])).toBeUndefined();
  expect(reachablePlace(at(100, 100), [])).toBeUndefined();
});

it('is no larger than the screen, and its upper edge is on it', () => {
  expect(reachablePlace(at(100, 10, 4000, 3000), [left])).toEqual(at(100, 25, 1920, 1055));
});

it('can always be taken hold of', () => {
  const number = fc.integer({ min: -5000, max: 5000 });
  const size = fc.integer({ min: 200, max: 5000 });
  fc.assert(
    fc.property(number, number, size, size, (x, y, width, height) => {
      const place = reachablePlace(at(x, y, width, height), [left, right])?.bounds;
      if (!place) return;
      const grips = [left, right].some(
        (screen) =>
          Math.min(place.x + place.width, screen.x + screen.width) - Math.max(place.x, screen.x) >= 120 &&
          place.y >= screen.y &&
          place.y + 16 <= screen.y + screen.height,
      );
      expect(grips).toBe(true);
    }),
  );
});

it('is read from nothing but whole numbers of a screen’s size', () => {
  for (const bounds of [
    { x: 0, y: 0, width: 0, height: 5 },
    { x: 1e9, y: 0, width: 9, height: 9 },
    { x: 0.5, y: 0, width: 9, height: 9 },
    null,
  ]) {
    expect(windowPlace.safeParse({ bounds, maximised: false }).success).toBe(false);
  }
});
