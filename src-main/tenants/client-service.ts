import type { IssuedKey } from '../contract/keys.ts';
import type { CreateTenantInput, SetTenantStatusInput, TenantChoices, TenantStatus } from '../contract/tenants.ts';
import type { KeySecrets } from '../infra/key-secrets.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { ClientRepository } from './client-repository.ts';

/** Making clients, and whether their calls are taken. */
export interface ClientService {
  choices(): Promise<TenantChoices>;
  /** Throws OperatorError: BAD_REQUEST, FORBIDDEN, CONFLICT when name or slug are taken, UNAVAILABLE: then the same can be sent again. */
  create(input: CreateTenantInput): Promise<IssuedKey>;
  /** Throws OperatorError likewise; CONFLICT when somebody changed the client meanwhile. */
  setStatus(input: SetTenantStatusInput): Promise<TenantStatus>;
}

/** `changed` hears of each tenant that came or changed, so that its row need not wait for the notification. */
export function createClientService(
  repository: ClientRepository,
  secrets: KeySecrets,
  changed: (tenantId: string) => void,
): ClientService {
  const currencies = Intl.supportedValuesOf('currency');
  return {
    async choices() {
      const [plans, timeZones] = await Promise.all([repository.plans(), repository.timeZones()]);
      return { plans, timeZones: timeZones.filter(isPlace), currencies };
    },
    async create(input) {
      // The platform takes every three letters, and every zone that it knows; the window has to show them as well.
      if (!currencies.includes(input.currency)) {
        throw new OperatorError('BAD_REQUEST', `There is no currency "${input.currency}". Choose one of the list.`);
      }
      if (!isKnown(input.timeZone)) {
        const zone = input.timeZone;
        throw new OperatorError(
          'BAD_REQUEST',
          `There is no time zone "${zone}". Take an IANA name, such as Asia/Kolkata.`,
        );
      }
      const thresholds = [...new Set(input.thresholds)].toSorted((a, b) => a - b);
      const { secret, answer } = await secrets.withSecret(input.idempotencyKey, (parts) =>
        repository.create({ ...input, thresholds, ...parts }),
      );
      changed(answer.tenantId);
      return { tenantId: answer.tenantId, keyId: answer.keyId, secret };
    },
    async setStatus(input) {
      try {
        return await repository.setStatus(input);
      } finally {
        // Also after a failure: a conflict means that the window shows an old state.
        changed(input.tenantId);
      }
    },
  };
}

/** Names of systems, old names of countries and offsets are no place that a client lives in. */
const NO_PLACE = /^(posix|right|Etc|SystemV|US|Canada|Brazil|Chile|Mexico|Mideast)\//;

function isPlace(zone: string): boolean {
  return !NO_PLACE.test(zone) && isKnown(zone);
}

function isKnown(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
