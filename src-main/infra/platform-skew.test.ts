import { expect, it } from 'vitest';
import { gatewaySkew, schemaSkew } from './platform-skew.ts';

const OWN = '0100-own';

it('says nothing where both are the same, or where nobody knows', () => {
  expect([schemaSkew(OWN, OWN), schemaSkew(OWN, null), schemaSkew(null, OWN)]).toEqual([null, null, null]);
  expect(gatewaySkew('1.4.0', [])).toBeNull();
  expect(gatewaySkew('1.4.0', [{ name: 'eu-1', version: '1.4.9' }])).toBeNull();
});

it('tells older from newer, and what works all the same', () => {
  expect(schemaSkew(OWN, '0001-roles')).toMatch(/\(0001\) is older than this console.*npm run platform:migrate/);
  expect(schemaSkew(OWN, '9000-later')).toMatch(/\(9000\) is newer than this console.*Update TenantDesk/);
  const gateways = [
    { name: 'eu-1', version: '1.10.0' },
    { name: 'eu-2', version: '1.9.0' },
  ];
  expect(gatewaySkew('1.9.3', gateways)).toMatch(/newer than this console \(1\.9\.3\): eu-1 1\.10\.0\./);
  expect(gatewaySkew('2.0.0', gateways)).toMatch(/older than this console .*: eu-1 1\.10\.0, eu-2 1\.9\.0\./);
});
