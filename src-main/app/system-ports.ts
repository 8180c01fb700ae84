import { randomBytes } from 'node:crypto';
import { systemClock } from '../infra/clock.ts';
import { createKeychain, loadKeytar } from '../infra/keychain/keychain.ts';
import { createKnownSecrets } from '../infra/known-secrets.ts';
import { createJsonLogger } from '../infra/logger.ts';
import type { ConsolePorts } from './create-console.ts';

/** The ports that every shell takes from the machine; `write` gets each log line (JSON, with its line feed). */
export function systemPorts(
  write: (line: string) => void,
): Pick<ConsolePorts, 'clock' | 'log' | 'secrets' | 'random' | 'randomBytes' | 'keychain'> {
  const secrets = createKnownSecrets();
  return {
    clock: systemClock,
    log: createJsonLogger(write, systemClock, secrets),
    secrets,
    random: Math.random,
    randomBytes,
    keychain: createKeychain({ load: loadKeytar, clock: systemClock }),
  };
}
