import { expect, test } from 'vitest';
import { PlatformOptionsError, readPlatformOptions } from './platform-options.ts';

test('without options: a dozen tenants with traffic, in the data folder of the user', () => {
  expect(readPlatformOptions([])).toMatchObject({ json: false, tenants: 12, traffic: true, data: undefined });
});

test('reads what the platform is asked for', () => {
  const args = ['--json', '--data', '/tmp/x', '--tenants', '0', '--no-traffic', '--openai-base-url', 'http://a:1/v1/'];
  expect(readPlatformOptions(args)).toMatchObject({
    json: true,
    data: '/tmp/x',
    tenants: 0,
    traffic: false,
    openaiBaseUrl: 'http://a:1/v1',
  });
});

test.each([
  ['--tenants', '-1'],
  ['--tenants', '1.5'],
  ['--tenants', 'many'],
  ['--tenants', '99999999'],
  ['--rate', 'fast'],
  ['--openai-base-url', 'localhost:8080'],
  ['--anthropic-base-url', 'file:///etc/passwd'],
  ['--data', ''],
  ['--unknown', 'x'],
])('refuses %s %s with a sentence', (...args) => {
  expect(() => readPlatformOptions(args)).toThrow(PlatformOptionsError);
});
