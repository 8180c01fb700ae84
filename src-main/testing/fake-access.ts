import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ConsoleAccess, ProfileSummary, ProfileTrial } from '../contract/profiles.ts';
import { OperatorError } from '../infra/operator-error.ts';
import { createStateFeed } from '../infra/state-feed.ts';

/** The lock and the profiles of a console that has the local platform alone. */
export function createFakeAccess() {
  const os = implement(contract);
  const local: ProfileSummary = {
    id: 'local',
    name: 'Local',
    kind: 'local',
    colour: 'teal',
    label: 'asha on this computer',
    tokenLast4: null,
    weakness: null,
  };
  const feed = createStateFeed<ConsoleAccess>({
    vault: {
      state: 'none',
      ways: [],
      keychainAsked: false,
      keychainTrouble: null,
      waitUntil: null,
      idleMinutes: null,
      notice: null,
    },
    locked: false,
    lock: null,
    workspace: 1,
    current: local,
    profiles: [local],
  });
  const nothing = async () => ({});
  async function* nowhere(): AsyncGenerator<ProfileTrial, void, unknown> {
    yield { parts: [], over: true, id: null };
  }
  const unknown = async (): Promise<never> => {
    throw new OperatorError('NOT_FOUND', 'There is no such connection.');
  };
  return {
    vault: os.vault.router({
      keychain: os.vault.keychain.handler(async () => ({ usable: false, reason: 'There is none here.' })),
      setUp: os.vault.setUp.handler(nothing),
      unlock: os.vault.unlock.handler(nothing),
      setKeys: os.vault.setKeys.handler(nothing),
      setIdle: os.vault.setIdle.handler(nothing),
      lock: os.vault.lock.handler(nothing),
      stay: os.vault.stay.handler(nothing),
      startOver: os.vault.startOver.handler(async () => ({ movedTo: null })),
    }),
    profiles: os.profiles.router({
      watch: os.profiles.watch.handler(({ signal }) => feed.watch(signal)),
      test: os.profiles.test.handler(nowhere),
      connect: os.profiles.connect.handler(nowhere),
      details: os.profiles.details.handler(unknown),
      exportFile: os.profiles.exportFile.handler(unknown),
      readFile: os.profiles.readFile.handler(unknown),
      open: os.profiles.open.handler(nothing),
      forget: os.profiles.forget.handler(nothing),
    }),
  };
}
