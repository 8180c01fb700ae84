import type { ConnectionOptions } from 'node:tls';
import type { TlsTrust } from '../../contract/tls.ts';
import { tlsOptions } from '../tls-connection.ts';

/** For undici's `connect`; nothing with http, and the usual authorities when nothing else is said. */
export function gatewayTls(url: string, trust: TlsTrust | undefined): ConnectionOptions {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && trust ? tlsOptions(trust, hostname.replace(/^\[(.*)\]$/, '$1')) : {};
}
