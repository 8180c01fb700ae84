import { isIP } from 'node:net';
import type { PartResult, ProfileInput } from '../contract/profiles.ts';
import { refuseBadCertificates } from '../infra/certificates.ts';
import type { Desk } from '../infra/desk.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { PlatformProbe } from '../infra/platform-probe.ts';
import type { Vault } from '../infra/vault/vault.ts';
import { checkPlatform } from './platform-check.ts';
import { PROFILE_ITEM } from './stored-profile.ts';

export interface ProfilesService {
  test(target: ProfileInput): Promise<{ parts: PartResult[] }>;
  /** Keeps and opens it when all parts are fine; `id` null: nothing was kept. */
  connect(target: ProfileInput): Promise<{ parts: PartResult[]; id: string | null }>;
  forget(id: string): void;
}

export interface ProfilesServiceParts {
  readonly vault: Vault;
  readonly probe: PlatformProbe;
  readonly desk: Desk;
  readonly newId: () => string;
  /** Fit for secrets. */
  readonly randomBytes: (bytes: number) => Buffer;
  /** What a server says may hold what it was sent: takes secrets out of a text. */
  readonly redact: (text: string) => string;
  /** Names that are taken besides those in the vault. */
  readonly takenNames: readonly string[];
}

const CACHE_KEY_BYTES = 32;

export function createProfilesService(parts: ProfilesServiceParts): ProfilesService {
  const { vault, probe, desk } = parts;

  async function test(target: ProfileInput): Promise<{ parts: PartResult[] }> {
    refuseOpenWays(target);
    refuseBadCertificates(target.database, 'the database');
    refuseBadCertificates(target.gateway, 'the gateway');
    const found = await checkPlatform(target, probe);
    return { parts: found.map(({ part, outcome, sentence }) => ({ part, outcome, sentence: parts.redact(sentence) })) };
  }
  function refuseUnkept({ name }: ProfileInput): void {
    const { state } = vault.outside();
    if (state !== 'open') {
      const what = state === 'none' ? 'Set up the vault first' : 'Unlock the vault first';
      throw new OperatorError('UNAUTHORIZED', `${what}: a connection is kept nowhere else.`);
    }
    const taken = [...parts.takenNames, ...vault.list(PROFILE_ITEM).map(({ value }) => value.target.name)];
    if (taken.includes(name)) {
      throw new OperatorError(
        'BAD_REQUEST',
        `There is a connection called "${name}" already. Give this one another name.`,
      );
    }
  }

  return {
    test,
    async connect(target) {
      refuseUnkept(target);
      const tested = await test(target);
      if (tested.parts.some(({ outcome }) => outcome === 'failed' || outcome === 'untried')) {
        return { ...tested, id: null };
      }
      // While it was tested, the vault may have been locked, or the name taken.
      refuseUnkept(target);
      const id = parts.newId();
      const cacheKey = parts.randomBytes(CACHE_KEY_BYTES).toString('base64');
      vault.put(PROFILE_ITEM, id, { target, cacheKey });
      desk.open(id);
      return { ...tested, id };
    },
    forget(id) {
      if (vault.outside().state !== 'open') {
        throw new OperatorError('UNAUTHORIZED', 'Unlock the vault first: the connection is in it.');
      }
      if (!vault.list(PROFILE_ITEM).some((item) => item.id === id)) {
        throw new OperatorError('NOT_FOUND', 'There is no such connection; it may have been forgotten already.');
      }
      if (desk.access.get().current?.id === id) desk.open('local');
      vault.remove(id);
      desk.changed();
    },
  };
}

/** A password or a token never leaves this computer unencrypted. */
function refuseOpenWays({ database, gateway }: ProfileInput): void {
  if (database.tls === 'none' && !isThisComputer(database.host)) {
    throw new OperatorError(
      'BAD_REQUEST',
      `Without TLS the password would cross the network to ${database.host} readable for others. Choose TLS; without it only this computer can be connected.`,
    );
  }
  const { protocol, hostname } = new URL(gateway.url);
  if (protocol !== 'https:' && !isThisComputer(hostname.replace(/^\[(.*)\]$/, '$1'))) {
    throw new OperatorError(
      'BAD_REQUEST',
      `With http the token would cross the network to ${hostname} readable for others. Give an address that begins with https://.`,
    );
  }
}

function isThisComputer(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
