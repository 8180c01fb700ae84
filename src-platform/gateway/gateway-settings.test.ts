import { expect, test } from 'vitest';
import { BadSettings, readGatewaySettings } from './gateway-settings.ts';

const environment = {
  TENANTDESK_DATABASE_URL: 'postgres://gateway@pooler:6432/tenantdesk',
  TENANTDESK_REDIS_URL: 'redis://localhost',
  TENANTDESK_GATEWAY_DATA: '/var/lib/tenantdesk',
  TENANTDESK_CREDENTIAL_KEY: Buffer.alloc(32).toString('base64'),
};

test('the direct address is for who is behind a pooler, and has to be one', () => {
  expect(readGatewaySettings(environment)).not.toHaveProperty('directUrl');
  const direct = 'postgres://gateway@db:5432/tenantdesk';
  expect(readGatewaySettings({ ...environment, TENANTDESK_DATABASE_DIRECT_URL: direct })).toMatchObject({
    databaseUrl: environment.TENANTDESK_DATABASE_URL,
    directUrl: direct,
  });
  const read = () => readGatewaySettings({ ...environment, TENANTDESK_DATABASE_DIRECT_URL: 'db:5432' });
  expect(read).toThrow(BadSettings);
  expect(read).toThrow(/TENANTDESK_DATABASE_DIRECT_URL must be an address/);
});
