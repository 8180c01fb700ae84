import type { AuditPage } from '../contract/audit.ts';
import type { AuditRepository } from './audit-repository.ts';

export interface AuditService {
  /** A page, newest first. What this operator may not see, the database leaves out. */
  list(wish: {
    readonly tenantId?: string | undefined;
    readonly before?: bigint | undefined;
    readonly limit: number;
  }): Promise<AuditPage>;
}

export function createAuditService(repository: AuditRepository): AuditService {
  return {
    async list({ tenantId, before, limit }) {
      // One more than asked tells whether there is a next page.
      const { entries, asOf } = await repository.list({ tenantId, before, most: limit + 1 });
      const shown = entries.slice(0, limit);
      return { entries: shown, next: entries.length > limit ? (shown.at(-1)?.id ?? null) : null, asOf };
    },
  };
}
