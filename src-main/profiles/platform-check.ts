import { platformPart, type PartResult, type PlatformPart, type ProfileTarget } from '../contract/profiles.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { gatewaySkew } from '../infra/platform-skew.ts';
import type { Found, KnownGateway, PlatformProbe, SignedIn } from '../infra/platform-probe.ts';

const UNTRIED = 'Not tried: a part before it failed.';

/**
 * Tries every part, database and gateway each as far as they go. `tell` hears all of them at each change. Ends early when `signal` does:
 * what is on its way then ends by its own time-out and is heard by nobody. Throws only what is a defect of ours.
 */
export async function checkPlatform(
  target: ProfileTarget,
  { probe, version }: { readonly probe: PlatformProbe; /** This console's. */ readonly version: string },
  tell: (parts: PartResult[]) => void,
  signal: AbortSignal,
): Promise<PartResult[]> {
  const results = new Map<PlatformPart, PartResult>();
  const all = (outcome: PartResult['outcome'], sentence: string): PartResult[] =>
    platformPart.options.map((part) => results.get(part) ?? { part, outcome, sentence });
  function note(result: PartResult): void {
    results.set(result.part, result);
    if (!signal.aborted) tell(all('waiting', ''));
  }

  /** Undefined: it failed, which is noted, or nobody waits for it any more. */
  async function attempt<T>(
    part: PlatformPart,
    ask: () => Promise<T>,
    say: (found: T) => Found,
  ): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    note({ part, outcome: 'trying', sentence: '' });
    try {
      const found = await ask();
      const told = say(found);
      note(
        typeof told === 'string'
          ? { part, outcome: 'fine', sentence: told }
          : { part, outcome: 'warned', sentence: told.warning },
      );
      return found;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      note({ part, outcome: 'failed', sentence: error.message });
      return undefined;
    }
  }
  const asTold = (found: Found): Found => found;

  async function tryDatabase(): Promise<readonly KnownGateway[] | undefined> {
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

  async function trySignedIn(session: SignedIn): Promise<readonly KnownGateway[] | undefined> {
    if ((await attempt('powers', () => session.powers(), asTold)) === undefined) return undefined;
    if ((await attempt('schema', () => session.schema(), asTold)) === undefined) return undefined;
    if ((await attempt('operator', () => session.operator(), asTold)) === undefined) return undefined;
    if ((await attempt('changes', () => session.changes(), asTold)) === undefined) return undefined;
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
  if (known && live) await attempt('same_platform', async () => samePlatform(known, live, version), asTold);
  return all('untried', UNTRIED);
}

function samePlatform(known: readonly KnownGateway[], live: readonly string[], version: string): Found {
  const common = known.filter(({ id }) => live.includes(id));
  const skew = gatewaySkew(version, common);
  if (common.length > 0) return skew === null ? 'Database and gateway are of the same platform.' : { warning: skew };
  throw new OperatorError(
    'CONFLICT',
    'The gateway belongs to another platform than the database: figures and caps would not be of the same clients. Check both addresses.',
  );
}
