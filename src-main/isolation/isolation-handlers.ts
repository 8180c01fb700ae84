import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { IsolationService } from './isolation-service.ts';

export function createIsolationHandlers() {
  const os = implement(contract.isolation).$context<{ readonly isolation: IsolationService }>();
  return {
    run: os.run.handler(({ context, signal }) => context.isolation.run(signal)),
    export: os.export.handler(({ context, input }) => context.isolation.export(input.checkId)),
  };
}
