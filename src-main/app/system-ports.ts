import { randomBytes } from 'node:crypto';
import { systemClock } from '../infra/clock.ts';
import { createKeychain } from '../infra/keychain/keychain.ts';
import { loadKeychain } from '../infra/keychain/load-keychain.ts';
import { createKnownSecrets } from '../infra/known-secrets.ts';
import { createJsonLogger } from '../infra/logger.ts';
import type { ConsolePorts } from './create-console.ts';

/** The ports that every shell takes from the machine. `node`: a real Node. `write` gets each log line (JSON, with its line feed). */
export function systemPorts(
  node: string,
  write: (line: string) => void,
): Pick<ConsolePorts, 'clock' | 'log' | 'secrets' | 'random' | 'randomBytes' | 'keychain'> {
  const secrets = createKnownSecrets();
  return {
    clock: systemClock,
    log: createJsonLogger(write, systemClock, secrets),
    secrets,
    random: Math.random,
    randomBytes,
    keychain: createKeychain({ load: () => loadKeychain(process.platform, node), clock: systemClock }),
  };
}
