import type { AuditFilter } from '../../src-main/contract/audit.ts';

/** The filters as the address holds them: whole, so that a filtered page can be kept and shared. */
export interface AuditSearch {
  /** A client's id, or "platform". */
  client?: string;
  who?: string;
  action?: string;
  /** Dates and hours of this machine's zone, "2026-11-20T14:02"; `to` is not included. */
  from?: string;
  to?: string;
}

const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;
const CHAIN = /^(platform|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Takes what can be understood from an address and leaves the rest. */
export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const text = (name: keyof AuditSearch, shape: RegExp): AuditSearch => {
    const value = search[name];
    return typeof value === 'string' && shape.test(value) ? { [name]: value } : {};
  };
  return {
    ...text('client', CHAIN),
    ...text('who', /^[^\0]{1,200}$/),
    ...text('action', /^[^\0]{1,200}$/),
    ...text('from', LOCAL),
    ...text('to', LOCAL),
  };
}

export function auditFilter({ client, who, action, from, to }: AuditSearch): AuditFilter {
  return {
    ...(client === undefined ? {} : { chain: client }),
    ...(who === undefined ? {} : { login: who }),
    ...(action === undefined ? {} : { action }),
    ...instant('from', from),
    ...instant('to', to),
  };
}

/** Whether anything but the client narrows what is shown. */
export function isNarrowed({ who, action, from, to }: AuditSearch): boolean {
  return [who, action, from, to].some((value) => value !== undefined);
}

function instant(name: 'from' | 'to', local: string | undefined): Pick<AuditFilter, 'from' | 'to'> {
  const at = local === undefined ? undefined : new Date(local);
  return at === undefined || Number.isNaN(at.getTime()) ? {} : { [name]: at };
}
