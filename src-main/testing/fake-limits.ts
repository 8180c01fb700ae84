/** What limits clients of the pretend console besides their caps: nothing, and nothing can be added. */
import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';

export function createFakeLimits() {
  const os = implement(contract.limits);
  return {
    caps: os.caps.handler(() => ({ caps: [], asOf: new Date() })),
    addCap: os.addCap.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'There is no such key among your clients’.' });
    }),
    removeCap: os.removeCap.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'There is no such cap among your tenants.' });
    }),
    quotas: os.quotas.handler(() => ({ quotas: [], asOf: new Date() })),
    setQuota: os.setQuota.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'There is no such client among yours.' });
    }),
    downgrades: os.downgrades.handler(() => ({ downgrades: [], models: [], asOf: new Date() })),
    models: os.models.handler(() => ({ models: null, version: 0, asOf: new Date() })),
    setModels: os.setModels.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'There is no such client among yours.' });
    }),
    setDowngrade: os.setDowngrade.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'There is no such client among yours.' });
    }),
  };
}

/** The pretend console has no alerts. `stay`: a stream that tells one value. */
export function createFakeAlerts(
  stay: <Value>(value: Value, signal: AbortSignal | undefined) => AsyncGenerator<Value, void, unknown>,
) {
  const os = implement(contract.alerts);
  return {
    watch: os.watch.handler(({ signal }) => stay({ alerts: [], asOf: new Date() }, signal)),
    acknowledge: os.acknowledge.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'There is no such alert among your clients’.' });
    }),
  };
}
