import { describe, expect, test } from 'vitest';
import { NotDone } from './administration-command.ts';
import { checkedAddress, isPrivate } from './provider-address.ts';

const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'api.example.com': ['93.184.216.34', '2606:2800:220:1::1'],
  'inside.example.com': ['93.184.216.34', '10.1.2.3'],
  localhost: ['127.0.0.1'],
};
const lookup = (host: string): Promise<readonly string[]> => {
  const found = HOSTS[host];
  return found === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(found);
};

test('a base URL is taken as SDKs have it, without the slash at its end', async () => {
  expect(await checkedAddress('https://api.example.com', false, lookup)).toBe('https://api.example.com');
  expect(await checkedAddress('https://api.example.com/v1/', false, lookup)).toBe('https://api.example.com/v1');
  expect(await checkedAddress('http://10.0.0.5:8080/v1', true, lookup)).toBe('http://10.0.0.5:8080/v1');
});

describe('is refused, with the reason', () => {
  test.each([
    ['no URL', 'api.example.com/v1', /--url takes a base URL/],
    ['another protocol', 'ftp://api.example.com', /--url takes a base URL/],
    ['a credential in it', 'https://me:canary@api.example.com', /no user or password/],
    ['a query', 'https://api.example.com/?a=1', /behind a \? or #/],
    ['no TLS', 'http://api.example.com', /reads the credential/],
    ['an address of this machine', 'https://127.0.0.1/v1', /127\.0\.0\.1 is an address of a private network/],
    ['the same in other writing', 'https://0x7f.1/v1', /private network/],
    ['IPv6', 'https://[::1]/v1', /private network/],
    ['IPv4 in IPv6', 'https://[::ffff:10.0.0.1]/v1', /private network/],
    ['a name of this machine', 'https://localhost/v1', /leads to 127\.0\.0\.1/],
    ['one private address among public ones', 'https://inside.example.com', /leads to 10\.1\.2\.3/],
    ['a host nobody knows', 'https://nowhere.example.com', /no address that this machine can find/],
  ])('%s', async (_what, url, reason) => {
    const refused = checkedAddress(url, false, lookup);
    await expect(refused).rejects.toThrow(NotDone);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.not.toThrow(/canary/);
  });
});

test.each([
  '0.0.0.0',
  '10.255.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.31.0.1',
  '192.168.1.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  'fd00::1',
  'fe80::1',
  '::ffff:192.168.0.1',
])('%s is private', (address) => expect(isPrivate(address)).toBe(true));
test.each(['8.8.8.8', '100.63.0.1', '172.32.0.1', '192.167.1.1', '2606:4700::1111'])('%s is public', (address) =>
  expect(isPrivate(address)).toBe(false),
);
