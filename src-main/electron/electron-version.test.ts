import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';

const manifest = z.object({ devDependencies: z.object({ electron: z.string() }) });
const project = path.resolve(import.meta.dirname, '../..');
const { electron } = manifest.parse(
  JSON.parse(readFileSync(path.join(project, 'package.json'), 'utf8')),
).devDependencies;

it('is pinned, and is the one whose types everything here was checked against', () => {
  expect(electron).toMatch(/^\d+\.\d+\.\d+$/);
  const types = readFileSync(path.join(project, 'node_modules/electron/electron.d.ts'), 'utf8');
  expect(types).toContain(`// Type definitions for Electron ${electron}`);
});

it('has what was mended for pages of an own scheme, forged frames and injected switches (39.8.10, 40.9.3, 41.4.0, 42.0.0)', () => {
  expect(Number(electron.split('.')[0])).toBeGreaterThanOrEqual(42);
});
