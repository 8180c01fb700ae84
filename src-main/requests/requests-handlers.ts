import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { RequestsService } from './requests-service.ts';

export function createRequestsHandlers(service: RequestsService) {
  const os = implement(contract.requests);
  return {
    watch: os.watch.handler(({ signal }) => service.watch(signal)),
    ask: os.ask.handler(({ input }) => service.ask(input)),
    decide: os.decide.handler(({ input }) => service.decide(input)),
    decideRaise: os.decideRaise.handler(({ input }) => service.decideRaise(input)),
    history: os.history.handler(({ input }) => service.history(input.tenantId)),
  };
}
