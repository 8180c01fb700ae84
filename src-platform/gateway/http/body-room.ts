/** Bytes that large bodies may take at once: one caller's must not keep others' out, and all together must not fill the memory. */
export interface BodyRoom {
  /** False: there is no room for so many more of this tenant now. */
  take(tenantId: string, bytes: number): boolean;
  give(tenantId: string, bytes: number): void;
}

export interface BodyLimits {
  readonly ofAll: number;
  readonly ofOneTenant: number;
}

export function createBodyRoom({ ofAll, ofOneTenant }: BodyLimits): BodyRoom {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take: (tenantId, bytes) => {
      const own = (taken.get(tenantId) ?? 0) + bytes;
      if (all + bytes > ofAll || own > ofOneTenant) return false;
      taken.set(tenantId, own);
      all += bytes;
      return true;
    },
    give: (tenantId, bytes) => {
      const own = (taken.get(tenantId) ?? 0) - bytes;
      if (own > 0) taken.set(tenantId, own);
      else taken.delete(tenantId);
      all -= bytes;
    },
  };
}
