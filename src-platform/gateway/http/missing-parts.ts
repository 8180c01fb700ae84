/** Why a gateway should be sent no calls for now, in words; empty: it is ready. */
export function missingParts(usable: { readonly policy: boolean; readonly journal: boolean }): readonly string[] {
  return [
    ...(usable.policy ? [] : ['policy is too old: the database has been away too long']),
    ...(usable.journal ? [] : ['the journal cannot be written: is the disk full?']),
  ];
}
