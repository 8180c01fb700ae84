import { BlockList, isIP } from 'node:net';
import { NotDone } from './administration-command.ts';

/** All addresses of a host; rejects when it has none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const PRIVATE = new BlockList();
const RANGES = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;
for (const [address, prefix] of RANGES) PRIVATE.addSubnet(address, prefix, address.includes(':') ? 'ipv6' : 'ipv4');

/** An address of a network of one's own, or of this machine. IPv4 written as IPv6 is what it stands for. */
export function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * A provider's base URL as it is registered, without a slash at its end. Calls carry clients' content and the platform's credential there, so it is
 * https and a public address unless `allowPrivate` says otherwise. @throws NotDone
 */
export async function checkedAddress(text: string, allowPrivate: boolean, lookup: Lookup): Promise<string> {
  const url = URL.parse(text);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw new NotDone(`--url takes a base URL as the provider's SDK does, such as https://api.openai.com/v1.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new NotDone('A base URL has no user or password: the credential is read from standard input.');
  }
  if (url.search !== '' || url.hash !== '') throw new NotDone('A base URL has nothing behind a ? or #.');
  if (url.protocol === 'http:' && !allowPrivate) {
    throw new NotDone(
      'Over http:// anybody on the way reads the credential: take https://. In a network of your own say --allow-private.',
    );
  }
  if (!allowPrivate) await refusePrivate(url.hostname.replace(/^\[|\]$/g, ''), lookup);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

async function refusePrivate(host: string, lookup: Lookup): Promise<void> {
  let addresses: readonly string[];
  try {
    addresses = isIP(host) === 0 ? await lookup(host) : [host];
  } catch {
    throw new NotDone(`${host} has no address that this machine can find. Look at how it is written.`);
  }
  const found = addresses.find(isPrivate);
  if (found === undefined) return;
  const leads = found === host ? 'is' : `leads to ${found},`;
  throw new NotDone(
    `${host} ${leads} an address of a private network. If your provider stands there, say --allow-private.`,
  );
}
