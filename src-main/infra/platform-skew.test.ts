import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gatewaySkew, KNOWN_SCHEMA, schemaSkew } from './platform-skew.ts';

it('says nothing where both are the same, or where nobody knows', () => {
  expect([schemaSkew(KNOWN_SCHEMA), schemaSkew(null), gatewaySkew('1.4.0', [])]).toEqual([null, null, null]);
  expect(gatewaySkew('1.4.0', [{ name: 'eu-1', version: '1.4.9' }])).toBeNull();
});

it('tells older from newer, and what works all the same', () => {
  expect(schemaSkew('0001-roles')).toMatch(/\(0001\) is older than this console.*npm run platform:migrate/);
  expect(schemaSkew('9000-later')).toMatch(/\(9000\) is newer than this console.*Update TenantDesk/);
  const gateways = [
    { name: 'eu-1', version: '1.10.0' },
    { name: 'eu-2', version: '1.9.0' },
  ];
  expect(gatewaySkew('1.9.3', gateways)).toMatch(/newer than this console \(1\.9\.3\): eu-1 1\.10\.0\./);
  expect(gatewaySkew('2.0.0', gateways)).toMatch(/older than this console .*: eu-1 1\.10\.0, eu-2 1\.9\.0\./);
});

it('is about the newest migration there is: who adds one names it there', () => {
  const files = readdirSync(new URL('../../src-platform/schema/migrations', import.meta.url));
  const [newest] = files
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .toReversed();
  expect(`${KNOWN_SCHEMA}.sql`).toBe(newest);
});
