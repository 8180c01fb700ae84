import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { Desk } from '../infra/desk.ts';
import type { ProfilesService } from './profiles-service.ts';

export function createProfilesHandlers(service: ProfilesService, desk: Desk) {
  const os = implement(contract.profiles);
  return {
    watch: os.watch.handler(({ signal }) => desk.access.watch(signal)),
    test: os.test.handler(({ input, signal }) => service.test(input, signal)),
    connect: os.connect.handler(({ input, signal }) => service.connect(input, signal)),
    details: os.details.handler(({ input }) => service.details(input.id)),
    exportFile: os.exportFile.handler(({ input }) => service.exportFile(input.id)),
    readFile: os.readFile.handler(({ input }) => service.readFile(input.text)),
    open: os.open.handler(({ input }) => {
      desk.open(input.id);
      return {};
    }),
    forget: os.forget.handler(({ input }) => {
      service.forget(input.id);
      return {};
    }),
  };
}
