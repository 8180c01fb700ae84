import type { PartResult, PlatformPart, ProfileInput } from '../contract/profiles.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { Found, PlatformProbe, SignedIn } from '../infra/platform-probe.ts';

const UNTRIED = 'Not tried: a part before it failed.';

/** Tries every part, database and gateway each as far as they go. Throws only what is a defect of ours. */
export async function checkPlatform(target: ProfileInput, probe: PlatformProbe): Promise<PartResult[]> {
  const results = new Map<PlatformPart, PartResult>();

  /** Undefined: it failed, which is noted. */
  async function attempt<T>(
    part: PlatformPart,
    ask: () => Promise<T>,
    tell: (found: T) => Found,
  ): Promise<T | undefined> {
    try {
      const found = await ask();
      const told = tell(found);
      results.set(
        part,
        typeof told === 'string'
          ? { part, outcome: 'fine', sentence: told }
          : { part, outcome: 'warned', sentence: told.warning },
      );
      return found;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      results.set(part, { part, outcome: 'failed', sentence: error.message });
      return undefined;
    }
  }
  const asTold = (found: Found): Found => found;

  async function tryDatabase(): Promise<readonly string[] | undefined> {
    if ((await attempt('host', () => probe.host(target), asTold)) === undefined) return undefined;
    if ((await attempt('tls', () => probe.tls(target), asTold)) === undefined) return undefined;
    const found = await attempt(
      'login',
      () => probe.signIn(target),
      () => `The password of "${target.database.login}" is accepted.`,
    );
    if (!found) return undefined;
    try {
      return await trySignedIn(found);
    } finally {
      await found.end();
    }
  }

  async function trySignedIn(session: SignedIn): Promise<readonly string[] | undefined> {
    if ((await attempt('powers', () => session.powers(), asTold)) === undefined) return undefined;
    if ((await attempt('schema', () => session.schema(), asTold)) === undefined) return undefined;
    if ((await attempt('operator', () => session.operator(), asTold)) === undefined) return undefined;
    return session.gateways();
  }

  async function tryGateway(): Promise<readonly string[] | undefined> {
    if ((await attempt('gateway', () => probe.gateway(target), asTold)) === undefined) return undefined;
    return attempt(
      'token',
      () => probe.token(target),
      () => 'The gateway accepts the token.',
    );
  }

  const [known, live] = await Promise.all([tryDatabase(), tryGateway()]);
  if (known && live) await attempt('same_platform', async () => samePlatform(known, live), asTold);
  return PARTS.map((part) => results.get(part) ?? { part, outcome: 'untried', sentence: UNTRIED });
}

const PARTS: readonly PlatformPart[] = [
  'host',
  'tls',
  'login',
  'powers',
  'schema',
  'operator',
  'gateway',
  'token',
  'same_platform',
];

function samePlatform(known: readonly string[], live: readonly string[]): string {
  if (live.some((id) => known.includes(id))) return 'Database and gateway are of the same platform.';
  throw new OperatorError(
    'CONFLICT',
    'The gateway belongs to another platform than the database: figures and caps would not be of the same clients. Check both addresses.',
  );
}
