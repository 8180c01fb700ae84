import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { IsolationService } from './isolation-service.ts';

export function createIsolationHandlers(service: IsolationService) {
  const os = implement(contract.isolation);
  return {
    run: os.run.handler(({ signal }) => service.run(signal)),
    export: os.export.handler(({ input }) => service.export(input.checkId)),
  };
}
