import { z } from 'zod';
import { tenantMonth, type TenantMonth } from '../contract/reports.ts';
import type { Cache, CacheKind, Kept } from '../infra/cache.ts';
import type { ListedClient } from './reports-repository.ts';

const DATASETS: CacheKind<TenantMonth> = { name: 'tenant-month', schema: tenantMonth };
const LISTS: CacheKind<ListedClient[]> = {
  name: 'report-list',
  schema: z.array(
    z.object({
      tenantId: z.uuid(),
      name: z.string(),
      slug: z.string(),
      currency: z.string(),
      colour: z.string(),
      calls: z.int().nullable(),
      costNanoUsd: z.bigint().nullable(),
      running: z.boolean(),
      state: z.string(),
    }),
  ),
};

/** What is kept of reports for the time without a platform. Months are written "2026-10". */
export interface KeptReports {
  dataset(tenantId: string, month: string): Kept<TenantMonth> | null;
  keep(data: TenantMonth): void;
  list(month: string): Kept<ListedClient[]> | null;
  keepList(month: string, kept: Kept<ListedClient[]>): void;
  /** Months of which a list is kept, newest first. */
  months(): string[];
  /** Of which instant each kept dataset is. */
  ages(month: string): Map<string, Date>;
  /** Forgets whatever is of other clients: they are not this operator's any more. */
  retain(tenantIds: ReadonlySet<string>): void;
}

export function createKeptReports(cache: Cache): KeptReports {
  const id = (month: string, tenantId: string): string => `${month}/${tenantId}`;
  const parts = (key: string): { month: string; tenantId: string } => ({
    month: key.slice(0, 7),
    tenantId: key.slice(8),
  });
  return {
    dataset: (tenantId, month) => cache.read(DATASETS, id(month, tenantId)),
    keep: (data) => cache.write(DATASETS, id(data.month, data.tenant.id), { value: data, asOf: data.asOf }),
    list: (month) => cache.read(LISTS, month),
    keepList: (month, kept) => cache.write(LISTS, month, kept),
    months: () =>
      cache
        .list(LISTS)
        .map((row) => row.id)
        .toSorted()
        .toReversed(),
    ages: (month) =>
      new Map(
        cache.list(DATASETS).flatMap(({ id: key, asOf }) => {
          const of = parts(key);
          return of.month === month ? [[of.tenantId, asOf] as const] : [];
        }),
      ),
    retain(tenantIds) {
      for (const { id: key } of cache.list(DATASETS)) {
        if (!tenantIds.has(parts(key).tenantId)) cache.remove(DATASETS, key);
      }
    },
  };
}
