import { expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { GATEWAY_VERSION } from './create-gateway.ts';

it('is the project’s: consoles compare it with theirs', () => {
  expect(GATEWAY_VERSION).toBe(manifest.version);
});
