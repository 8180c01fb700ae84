import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { PartResult, ProfileDraft, ProfileInput, ProfileTarget, ProfileTrial } from '../contract/profiles.ts';
import { refuseBadCertificates } from '../infra/certificates.ts';
import type { Desk } from '../infra/desk.ts';
import type { ExportFolder } from '../infra/export-file.ts';
import type { KnownSecrets } from '../infra/known-secrets.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { PlatformProbe } from '../infra/platform-probe.ts';
import type { Vault } from '../infra/vault/vault.ts';
import { streamWork } from '../infra/work-stream.ts';
import { completeProfile } from './complete-profile.ts';
import { checkPlatform } from './platform-check.ts';
import { draftOf, profileFileName, profileFileText, readProfileFile } from './profile-file.ts';
import { PROFILE_ITEM, type StoredProfile } from './stored-profile.ts';

type Trial = AsyncGenerator<ProfileTrial, void, unknown>;

export interface ProfilesService {
  test(input: ProfileInput, signal?: AbortSignal): Trial;
  /** Keeps and opens it when no part failed. */
  connect(input: ProfileInput, signal?: AbortSignal): Trial;
  details(id: string): { id: string; revision: number; tokenLast4: string; profile: ProfileDraft };
  exportFile(id: string): Promise<{ path: string }>;
  readFile(text: string): { profile: ProfileDraft };
  forget(id: string): void;
}

export interface ProfilesServiceParts {
  readonly vault: Vault;
  readonly probe: PlatformProbe;
  /** Of this console. */
  readonly version: string;
  readonly desk: Desk;
  readonly exports: ExportFolder;
  readonly newId: () => string;
  /** Fit for secrets. */
  readonly randomBytes: (bytes: number) => Buffer;
  /** What a server says may hold what it was sent. */
  readonly secrets: KnownSecrets;
  /** Names that are taken besides those in the vault. */
  readonly takenNames: readonly string[];
}

const CACHE_KEY_BYTES = 32;
const GONE = 'There is no such connection; it may have been forgotten already.';

export function createProfilesService(parts: ProfilesServiceParts): ProfilesService {
  const { vault, desk } = parts;

  function find(id: string): StoredProfile {
    if (vault.outside().state !== 'open') {
      throw new OperatorError('UNAUTHORIZED', 'Unlock the vault first: the connection is in it.');
    }
    const found = vault.list(PROFILE_ITEM).find((item) => item.id === id);
    if (!found) throw new OperatorError('NOT_FOUND', GONE);
    return found.value;
  }
  /** As it is before this change; null: there is none yet. */
  function before({ of }: ProfileInput): StoredProfile | null {
    if (of === null) return null;
    const stored = find(of.id);
    if (stored.revision !== of.revision) {
      throw new OperatorError(
        'CONFLICT',
        `"${stored.target.name}" was changed meanwhile. Close this and change it as it stands now.`,
      );
    }
    return stored;
  }
  function complete(input: ProfileInput): ProfileTarget {
    const target = completeProfile(input, before(input)?.target ?? null);
    refuseOpenWays(target);
    refuseBadCertificates(target.database, 'the database');
    refuseBadCertificates(target.gateway, 'the gateway');
    return target;
  }
  function refuseUnkept({ name, of }: ProfileInput): void {
    const { state } = vault.outside();
    if (state !== 'open') {
      const what = state === 'none' ? 'Set up the vault first' : 'Unlock the vault first';
      throw new OperatorError('UNAUTHORIZED', `${what}: a connection is kept nowhere else.`);
    }
    const others = vault.list(PROFILE_ITEM).filter(({ id }) => id !== of?.id);
    if ([...parts.takenNames, ...others.map(({ value }) => value.target.name)].includes(name)) {
      throw new OperatorError(
        'BAD_REQUEST',
        `There is a connection called "${name}" already. Give this one another name.`,
      );
    }
  }
  function keep(input: ProfileInput, target: ProfileTarget): string {
    const had = before(input);
    const id = input.of?.id ?? parts.newId();
    const kept = had !== null && samePlatform(had.target, target) ? had : null;
    vault.put(PROFILE_ITEM, id, {
      target,
      // What was kept of one platform is never shown as another's.
      cacheKey: kept?.cacheKey ?? parts.randomBytes(CACHE_KEY_BYTES).toString('base64'),
      keptAs: kept ? (kept.keptAs ?? kept.target.name) : parts.newId(),
      revision: (had?.revision ?? 0) + 1,
    });
    return id;
  }

  /** Every part, each sentence without what it was sent: kept secrets are in no input, so they are made known here. */
  async function tryParts(
    target: ProfileTarget,
    tell: (state: ProfileTrial) => void,
    leaving: AbortSignal,
  ): Promise<PartResult[]> {
    const { database, gateway } = target;
    const forget = parts.secrets.add([database.password, gateway.token, database.key ?? '', gateway.key ?? '']);
    const clean = (found: readonly PartResult[]): PartResult[] =>
      found.map(({ part, outcome, sentence }) => ({ part, outcome, sentence: parts.secrets.redact(sentence) }));
    try {
      const tried = (found: PartResult[]): void => tell({ parts: clean(found), over: false, id: null });
      return clean(await checkPlatform(target, parts, tried, leaving));
    } finally {
      forget();
    }
  }

  return {
    test(input, signal) {
      const target = complete(input);
      return streamWork<ProfileTrial>(async (tell, leaving) => {
        tell({ parts: await tryParts(target, tell, leaving), over: true, id: null });
      }, signal);
    },
    connect(input, signal) {
      refuseUnkept(input);
      const target = complete(input);
      const had = before(input);
      return streamWork<ProfileTrial>(async (tell, leaving) => {
        const results = had !== null && sameWay(had.target, target) ? [] : await tryParts(target, tell, leaving);
        if (leaving.aborted) return;
        if (results.some(({ outcome }) => outcome === 'failed')) {
          tell({ parts: results, over: true, id: null });
          return;
        }
        // While it was tested, the vault may have been locked, the name taken, the connection changed.
        refuseUnkept(input);
        const id = keep(input, target);
        // Told before the window begins afresh with it.
        tell({ parts: results, over: true, id });
        if (had === null || desk.access.get().current?.id === id) desk.open(id);
        else desk.changed();
      }, signal);
    },
    details(id) {
      const { target, revision } = find(id);
      return { id, revision, tokenLast4: target.gateway.token.slice(-4), profile: draftOf(target) };
    },
    async exportFile(id) {
      const { target } = find(id);
      const file = await parts.exports.create(profileFileName(target));
      try {
        await file.write(profileFileText(target));
        await file.finish();
      } catch (error) {
        await file.discard();
        throw error;
      }
      return { path: file.path };
    },
    readFile: (text) => ({ profile: readProfileFile(text) }),
    forget(id) {
      find(id);
      if (desk.access.get().current?.id === id) desk.open('local');
      vault.remove(id);
      desk.changed();
    },
  };
}

const sameWay = (one: ProfileTarget, other: ProfileTarget): boolean =>
  isDeepStrictEqual([one.database, one.gateway], [other.database, other.gateway]);

/** As far as an address tells. */
const samePlatform = ({ database: one }: ProfileTarget, { database: other }: ProfileTarget): boolean =>
  isDeepStrictEqual([one.host, one.port, one.name], [other.host, other.port, other.name]);

/** A password or a token never leaves this computer unencrypted. */
function refuseOpenWays({ database, gateway }: ProfileTarget): void {
  const hosts = [database.host, ...(database.direct === null ? [] : [database.direct.host])];
  const open = database.tls === 'none' ? hosts.find((host) => !isThisComputer(host)) : undefined;
  if (open !== undefined) {
    throw new OperatorError(
      'BAD_REQUEST',
      `Without TLS the password would cross the network to ${open} readable for others. Choose TLS; without it only this computer can be connected.`,
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
