import { contentSecurityPolicy } from './page-policy.ts';
import type { StaticFile, StaticFiles } from './static-files.ts';

/** What a shell answers for one file of the page; header names are lower case. */
export interface PageAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface PageAnswerOptions {
  /** So many unpredictable bytes. */
  readonly random: (bytes: number) => Buffer;
  /** The only address the page may talk to, as a source of the policy; `'none'` when it talks over a port. */
  readonly connectTo: string;
}

/** Headers of every answer, refusals too. */
export const GUARD_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // With these two a browser gives the page a process of its own: other servers of 127.0.0.1 are of the same site.
  'cross-origin-embedder-policy': 'require-corp',
  'origin-agent-cluster': '?1',
  'cache-control': 'no-store',
};

const NONCE_PLACE = /__CSP_NONCE__/g;

/** The file of a URL's path, by exact name; a path is never taken apart or put together. */
export function findPageFile(files: StaticFiles, urlPath: string): StaticFile | undefined {
  return files.get(urlPath === '/' ? '/index.html' : urlPath);
}

/** A document gets the policy, with a nonce of its own; files whose names carry a hash may be kept. */
export function answerFile(file: StaticFile, { random, connectTo }: PageAnswerOptions): PageAnswer {
  const headers: Record<string, string> = { ...GUARD_HEADERS, 'content-type': file.type };
  if (!file.type.startsWith('text/html')) {
    if (file.immutable) headers['cache-control'] = 'private, max-age=31536000, immutable';
    return { headers, body: file.body };
  }
  const nonce = random(16).toString('base64');
  headers['content-security-policy'] = contentSecurityPolicy({ nonce, connectTo });
  return { headers, body: Buffer.from(file.body.toString('utf8').replace(NONCE_PLACE, nonce)) };
}
