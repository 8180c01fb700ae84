import { describe, expect, test } from 'vitest';
import { BadSettings, readGatewaySettings } from './gateway-settings.ts';

const environment = {
  TENANTDESK_DATABASE_URL: 'postgres://gateway@pooler:6432/tenantdesk',
  TENANTDESK_REDIS_URL: 'redis://localhost',
  TENANTDESK_GATEWAY_DATA: '/var/lib/tenantdesk',
  TENANTDESK_CREDENTIAL_KEY: Buffer.alloc(32).toString('base64'),
};

function problemsOf(settings: Record<string, string>): string[] {
  try {
    readGatewaySettings(settings);
  } catch (error) {
    if (error instanceof BadSettings) return error.message.split('\n');
    throw error;
  }
  return [];
}

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

test('what is needed alone is enough', () => {
  expect(readGatewaySettings(environment)).toMatchObject({
    host: '127.0.0.1',
    port: 0,
    name: 'gateway',
    logLevel: 'info',
    drain: { noticeMs: 5_000, patienceMs: 20_000 },
    largestAnswerBytes: 64 * 1024 * 1024,
  });
  expect(readGatewaySettings(environment)).not.toHaveProperty('metricsToken');
});

test('everything that is missing is told at once, each with its meaning', () => {
  const problems = problemsOf({});
  expect(problems).toHaveLength(4);
  for (const name of Object.keys(environment)) {
    expect(problems.filter((line) => line.startsWith(`${name} is missing: `))).toHaveLength(1);
  }
});

describe('what is wrong is named with its remedy, and never repeated', () => {
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['TENANTDESK_DATABASE_URL', 'mysql://secret-canary@db/tenantdesk', /postgres:\/\//],
    ['TENANTDESK_DATABASE_URL', 'postgres:///tenantdesk', /names a host/],
    ['TENANTDESK_REDIS_URL', 'redis://one,http://secret-canary', /redis:\/\//],
    ['TENANTDESK_CREDENTIAL_KEY', 'secret-canary', /openssl rand -base64 32/],
    ['TENANTDESK_CREDENTIAL_KEY', Buffer.alloc(31).toString('base64'), /32 bytes/],
    ['TENANTDESK_GATEWAY_PORT', '80a', /0 to 65535/],
    ['TENANTDESK_GATEWAY_PORT', '65536', /0 to 65535/],
    ['TENANTDESK_GATEWAY_PORT', 'tcp://10.0.0.1:80', /service links/],
    ['TENANTDESK_GATEWAY_HOST', '0.0.0.0:8080', /without a port/],
    ['TENANTDESK_GATEWAY_NAME', 'a\u0007b', /can be shown/],
    ['TENANTDESK_METRICS_TOKEN', 'secret-canary', /openssl rand -hex 32/],
    ['TENANTDESK_LOG_LEVEL', 'verbose', /debug, info, warn, error/],
    ['TENANTDESK_GATEWAY_NOTICE_SECONDS', '-1', /0 to 300/],
    ['TENANTDESK_GATEWAY_DRAIN_SECONDS', '0', /1 to 3600/],
    ['TENANTDESK_GATEWAY_ANSWER_MB', '0', /1 to 256/],
    ['TENANTDESK_GATEWAY_ANSWER_MB', '64MB', /1 to 256/],
  ];
  test.each(wrong)('%s=%s', (name, value, remedy) => {
    const problems = problemsOf({ ...environment, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must be`));
    expect(problems[0]).toMatch(remedy);
    expect(problems[0]).not.toContain('secret-canary');
  });

  test('all of them in one go', () => {
    const values = Object.fromEntries(wrong.map(([name, value]) => [name, value]));
    expect(problemsOf({ ...environment, ...values })).toHaveLength(new Set(wrong.map(([name]) => name)).size);
  });
});
