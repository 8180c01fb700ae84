// `#<variant>` shows the same thousand clients on the same feed, drawn in one of several ways.
import { startFeed } from './feed.ts';
import type { Variant } from './variant.ts';

const VARIANTS: Readonly<Record<string, () => Promise<Variant>>> = {
  nothing: async () => () => undefined,
  board: async () => (await import('./board.tsx')).showBoard,
  canvas: async () => (await import('./canvas.ts')).showCanvas,
  recharts: async () => (await import('./recharts.tsx')).showRecharts,
};

const place = document.querySelector<HTMLElement>('#root');
const load = VARIANTS[window.location.hash.slice(1)];
if (place && load) {
  const show = await load();
  const feed = startFeed();
  show(place, feed);
}
