/**
 * Draws the pictures of window, tray and installers into resources/icons; run it when a drawing here changed: `node e2e/draw-icons.ts`.
 * The state of the fleet is told by shape, colour only repeats it; macOS colours black shapes itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { sandboxedChromium } from './fixtures/sandboxed-chromium.ts';

const folder = path.resolve(import.meta.dirname, '../resources/icons');

const onGrid = (drawing: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${drawing}</svg>`;

/** A gauge, on a grid of 16. */
const gauge = (colour: string, opacity = 1): string =>
  `<g opacity="${opacity}"><rect x="1" y="3" width="14" height="3" rx="1.5" fill="${colour}" opacity=".45"/>` +
  `<rect x="1" y="3" width="10" height="3" rx="1.5" fill="${colour}"/>` +
  `<rect x="1" y="9" width="6" height="3" rx="1.5" fill="${colour}"/></g>`;

interface Palette {
  readonly calm: string;
  readonly warn: string;
  readonly stop: string;
}

const STATES: Readonly<Record<string, (colours: Palette) => string>> = {
  calm: ({ calm }) => gauge(calm),
  waiting: ({ calm, warn }) => `${gauge(calm)}<path d="M11.5 7 16 15.5H7Z" fill="${warn}"/>`,
  refusing: ({ calm, stop }) => `${gauge(calm)}<rect x="8.5" y="8" width="7.5" height="7.5" rx="1" fill="${stop}"/>`,
  unknown: ({ calm }) =>
    `${gauge(calm, 0.4)}<circle cx="12" cy="11.5" r="3" fill="none" stroke="${calm}" stroke-width="1.4" stroke-dasharray="2 1.4"/>`,
  locked: ({ calm }) =>
    `${gauge(calm, 0.4)}<rect x="8" y="10" width="7.5" height="5.5" rx="1" fill="${calm}"/>` +
    `<path d="M9.8 10V8.6a2 2 0 0 1 4 0V10" fill="none" stroke="${calm}" stroke-width="1.3"/>`,
};
const COLOURED: Palette = { calm: '#12b886', warn: '#f59f00', stop: '#fa5252' };
const BLACK: Palette = { calm: '#000', warn: '#000', stop: '#000' };

/** The window's own icon, as it is. */
const program = readFileSync(path.resolve(import.meta.dirname, '../src-renderer/icon.svg'), 'utf8');

const pictures: readonly (readonly [name: string, drawing: string, size: number])[] = [
  ['icon.png', program, 1024],
  ['tray-badge.png', onGrid(`<circle cx="8" cy="8" r="7" fill="${COLOURED.warn}"/>`), 16],
  ...Object.entries(STATES).flatMap(([state, draw]) =>
    [1, 2].flatMap((scale) => {
      const end = scale === 1 ? '.png' : '@2x.png';
      return [
        [`tray-${state}${end}`, onGrid(draw(COLOURED)), 16 * scale] as const,
        [`tray-${state}Template${end}`, onGrid(draw(BLACK)), 16 * scale] as const,
      ];
    }),
  ),
];

const { executablePath, env } = await sandboxedChromium(path.resolve('node_modules/.cache/tenantdesk'));
const browser = await chromium.launch({ executablePath, env, chromiumSandbox: true });
const page = await browser.newPage();
mkdirSync(folder, { recursive: true });
for (const [name, drawing, size] of pictures) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`);
  writeFileSync(path.join(folder, name), await page.screenshot({ omitBackground: true }));
}
await browser.close();
