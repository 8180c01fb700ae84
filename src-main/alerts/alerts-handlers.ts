import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import type { AlertsService } from './alerts-service.ts';

export function createAlertsHandlers() {
  const os = implement(contract.alerts).$context<{ readonly alerts: AlertsService }>();
  return {
    watch: os.watch.handler(({ context, signal }) => context.alerts.watch(signal)),
    acknowledge: os.acknowledge.handler(({ context, input }) => context.alerts.acknowledge(input)),
  };
}
