import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { ShellService } from './shell-service.ts';

export function createShellHandlers(service: ShellService) {
  const os = implement(contract.shell);
  return {
    watch: os.watch.handler(({ signal }) => service.state.watch(signal)),
    change: os.change.handler(({ input }) => service.change(input)),
    update: os.update.handler(async ({ input }) => {
      await service.update(input.step);
      return {};
    }),
    arrived: os.arrived.handler(({ input }) => {
      service.arrived(input.number);
      return {};
    }),
    noticed: os.noticed.handler(() => {
      service.noticed();
      return {};
    }),
  };
}
