import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { KNOWN_SCHEMA } from '../src-main/infra/platform-skew.ts';

it('the console knows the newest migration: who adds one says so in platform-skew.ts', () => {
  const files = readdirSync(new URL('../src-platform/schema/migrations', import.meta.url));
  expect(`${KNOWN_SCHEMA}.sql`).toBe(
    files
      .filter((name) => name.endsWith('.sql'))
      .toSorted()
      .at(-1),
  );
});
