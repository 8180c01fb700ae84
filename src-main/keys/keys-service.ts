import type {
  IssuedKey,
  IssueKeyInput,
  RevokeKeyInput,
  RotatedKey,
  RotateKeyInput,
  TenantKey,
} from '../contract/keys.ts';
import type { KeySecrets } from '../infra/key-secrets.ts';
import { OperatorError } from '../infra/operator-error.ts';
import type { KeysRepository } from './keys-repository.ts';

/**
 * Throws OperatorError: NOT_FOUND, FORBIDDEN, BAD_REQUEST, CONFLICT (the name is taken, or the key was changed meanwhile), or
 * UNAVAILABLE: then the same change can be sent again under its idempotency key.
 */
export interface KeysService {
  list(tenantId: string): Promise<{ keys: TenantKey[]; asOf: Date }>;
  issue(input: IssueKeyInput): Promise<IssuedKey>;
  rotate(input: RotateKeyInput): Promise<RotatedKey>;
  revoke(input: RevokeKeyInput): Promise<{ tenantId: string; keyId: string; revokedAt: Date }>;
}

export function createKeysService(repository: KeysRepository, secrets: KeySecrets): KeysService {
  return {
    async list(tenantId) {
      const found = await repository.list(tenantId);
      if (found) return found;
      throw new OperatorError('NOT_FOUND', 'There is no such client among those you may see.');
    },
    async issue(input) {
      const { secret, answer } = await secrets.withSecret(input.idempotencyKey, (parts) =>
        repository.issue({ ...input, ...parts }),
      );
      return { tenantId: input.tenantId, keyId: answer.keyId, secret };
    },
    async rotate(input) {
      const { secret, answer } = await secrets.withSecret(input.idempotencyKey, (parts) =>
        repository.rotate({ ...input, ...parts }),
      );
      const { keyId, changedAt, previousUntil } = answer;
      return { tenantId: input.tenantId, keyId, secret, previousUntil: previousUntil ?? changedAt };
    },
    async revoke(input) {
      const { keyId, changedAt } = await repository.revoke(input);
      return { tenantId: input.tenantId, keyId, revokedAt: changedAt };
    },
  };
}
