import { refused } from './strict.ts';

/** What each directive must be in a page in which scripts run; what they do is shown in policy.spec.ts. */
const DEMANDED: Readonly<Record<string, RegExp>> = {
  'default-src': /^'none'$/,
  'script-src': /^'self'$/,
  'worker-src': /^'none'$/,
  'style-src': /^'self' 'nonce-[\w+/]{22}=='$/,
  'img-src': /^'self' data: blob:$/,
  'font-src': /^'self'$/,
  'connect-src': /^'none'$/,
  'base-uri': /^'none'$/,
  'form-action': /^'none'$/,
  'frame-ancestors': /^'none'$/,
  'require-trusted-types-for': /^'script'$/,
  'trusted-types': /^default$/,
};

/** Throws for a document whose policy came with a hole, or not as a header. */
export function checkPolicy(response: Response, runsScripts: boolean): void {
  const policy = new Map(
    (response.headers.get('content-security-policy') ?? '').split(';').map((part) => {
      const [name = '', ...sources] = part.trim().split(/\s+/);
      return [name, sources.join(' ')];
    }),
  );
  const demanded = runsScripts ? Object.entries(DEMANDED) : [['default-src', /^'none'$/] as const];
  for (const [name, wanted] of demanded) {
    if (!wanted.test(policy.get(name) ?? '')) throw refused(`a page whose policy has ${name} ${policy.get(name)}`);
  }
  const other = [...policy.keys()].find((name) => runsScripts && !(name in DEMANDED));
  if (other !== undefined) throw refused(`a page whose policy has ${other}, which nobody thought about`);
}
