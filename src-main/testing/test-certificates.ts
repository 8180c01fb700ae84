/** Certificates for tests, made here: a machine that runs them needs no openssl. X.509 v3 (RFC 5280) with ECDSA on P-256. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface TestAuthority {
  readonly name: string;
  /** PEM. */
  readonly certificate: string;
  /** Makes one of it. */
  issue(wanted: IssueOptions): { readonly certificate: string; readonly key: string };
}

export interface IssueOptions {
  /** The common name. */
  readonly subject: string;
  /** Host names and IPv4 addresses that it is made out to. */
  readonly hosts?: readonly string[];
  /** Default: from an hour ago to a day ahead. */
  readonly validity?: readonly [from: Date, to: Date];
}

const HOUR_MS = 3_600_000;

export function makeAuthority(name: string): TestAuthority {
  const own = keyPair();
  return {
    name,
    certificate: certificateOf({ subject: name }, own.publicKey, { name, key: own.privateKey }, true),
    issue(wanted) {
      const { publicKey, privateKey } = keyPair();
      return {
        certificate: certificateOf(wanted, publicKey, { name, key: own.privateKey }, false),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

function certificateOf(
  { subject, hosts = [], validity }: IssueOptions,
  publicKey: KeyObject,
  issuer: { readonly name: string; readonly key: KeyObject },
  authority: boolean,
): string {
  const [from, to] = validity ?? [new Date(Date.now() - HOUR_MS), new Date(Date.now() + 24 * HOUR_MS)];
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const extensions = [
    extension('551d13', sequence(...(authority ? [der(0x01, Buffer.from([0xff]))] : []))),
    ...(authority ? [extension('551d0f', der(0x03, Buffer.from([2, 0x04])))] : []),
    ...(hosts.length > 0 ? [extension('551d11', sequence(...hosts.map(hostName)))] : []),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    commonName(issuer.name),
    sequence(time(from), time(to)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer.key);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const commonName = (name: string): Buffer => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const extension = (hex: string, value: Buffer): Buffer => sequence(oid(hex), der(0x04, value));
const hostName = (host: string): Buffer =>
  isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
/** UTCTime, good until 2049. */
const time = (at: Date): Buffer => der(0x17, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
