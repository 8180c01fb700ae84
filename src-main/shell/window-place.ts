import { z } from 'zod';

const whole = z.int().min(-100_000).max(100_000);
const rectangle = z.object({ x: whole, y: whole, width: whole.min(200), height: whole.min(200) });

/** Where the window stood when it was used last, not maximised, and whether it was. In the screen's own units. */
export const windowPlace = z.object({ bounds: rectangle, maximised: z.boolean() });

export type WindowPlace = z.infer<typeof windowPlace>;
export type Rectangle = z.infer<typeof rectangle>;

/** So much of the window's upper edge must be on a screen, so that it can be taken hold of. */
const GRIP = { width: 120, height: 32 };

/**
 * The kept place if it can still be reached on the screens that are there now (their parts that are free), no larger than the screen
 * it is on; undefined: the usual place.
 */
export function reachablePlace(kept: WindowPlace, screens: readonly Rectangle[]): WindowPlace | undefined {
  const { bounds } = kept;
  const [on] = screens
    .map((screen) => ({ screen, shared: overlap(screen, { ...bounds, height: Math.min(bounds.height, GRIP.height) }) }))
    .filter(({ shared }) => shared.width >= GRIP.width && shared.height >= GRIP.height / 2)
    .sort((a, b) => b.shared.width - a.shared.width);
  if (!on) return undefined;
  const width = Math.min(bounds.width, on.screen.width);
  const height = Math.min(bounds.height, on.screen.height);
  const x = within(bounds.x, on.screen.x - width + GRIP.width, on.screen.x + on.screen.width - GRIP.width);
  const y = within(bounds.y, on.screen.y, on.screen.y + on.screen.height - GRIP.height);
  return { ...kept, bounds: { x, y, width, height } };
}

const within = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);

function overlap(a: Rectangle, b: Rectangle): { readonly width: number; readonly height: number } {
  return {
    width: Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x),
    height: Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y),
  };
}
