/**
 * `app://console/`: the page from memory, by an allow list of the files that were built. No request ever becomes a path on
 * the disk, and there is no other host.
 */
import type { CustomScheme } from 'electron';
import { answerFile, findPageFile, GUARD_HEADERS } from '../app/page-answer.ts';
import type { StaticFiles } from '../app/static-files.ts';

export const APP_ORIGIN = 'app://console';
export const APP_ADDRESS = `${APP_ORIGIN}/`;

/** corsEnabled: without it another origin could read the page's files (CVE-2026-70604). No fetch(), no service workers. */
export const APP_SCHEME = {
  scheme: 'app',
  privileges: { standard: true, secure: true, corsEnabled: true },
} as const satisfies CustomScheme;

export interface AppProtocolOptions {
  readonly files: StaticFiles;
  /** So many unpredictable bytes. */
  readonly random: (bytes: number) => Buffer;
}

/** Answers one request; a pure function of it, but for the nonce. */
export function answerAppRequest(
  { method, url }: Pick<Request, 'method' | 'url'>,
  { files, random }: AppProtocolOptions,
): Response {
  if (method !== 'GET') return refuse(405);
  const urlPath = pathOnConsole(url);
  const file = urlPath === undefined ? undefined : findPageFile(files, urlPath);
  if (!file) return refuse(404);
  const { headers, body } = answerFile(file, { random, connectTo: "'none'" });
  return new Response(new Uint8Array(body), { status: 200, headers });
}

/** The path of an address of ours, undefined for every other one. */
function pathOnConsole(address: string): string | undefined {
  const { protocol, host, username, password, pathname } = URL.parse(address) ?? {};
  const ours = protocol === 'app:' && host === 'console' && username === '' && password === '';
  return ours ? pathname : undefined;
}

function refuse(status: 404 | 405): Response {
  return new Response('TenantDesk: there is nothing at this address.\n', {
    status,
    headers: { ...GUARD_HEADERS, 'content-type': 'text/plain; charset=utf-8' },
  });
}
