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
  };
}
