import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { Desk } from '../infra/desk.ts';
import type { ProfilesService } from './profiles-service.ts';

export function createProfilesHandlers(service: ProfilesService, desk: Desk) {
  const os = implement(contract.profiles);
  return {
    watch: os.watch.handler(({ signal }) => desk.access.watch(signal)),
    test: os.test.handler(({ input }) => service.test(input)),
    connect: os.connect.handler(({ input }) => service.connect(input)),
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
