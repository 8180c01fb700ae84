import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { RequestsService } from './requests-service.ts';

export function createRequestsHandlers() {
  const os = implement(contract.requests).$context<{ readonly requests: RequestsService }>();
  return {
    watch: os.watch.handler(({ context, signal }) => context.requests.watch(signal)),
    ask: os.ask.handler(({ context, input }) => context.requests.ask(input)),
    decide: os.decide.handler(({ context, input }) => context.requests.decide(input)),
    decideRaise: os.decideRaise.handler(({ context, input }) => context.requests.decideRaise(input)),
    history: os.history.handler(({ context, input }) => context.requests.history(input.tenantId)),
  };
}
