import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { SessionService } from './session-service.ts';

export function createSessionHandlers(service: SessionService) {
  const os = implement(contract.session);
  return {
    watch: os.watch.handler(({ signal }) => service.watch(signal)),
    pulse: os.pulse.handler(({ signal }) => service.pulse(signal)),
  };
}
