import { hash } from 'node:crypto';

/** The id in place of a tenant's in the platform's own chain. */
export const PLATFORM_CHAIN = '00000000-0000-0000-0000-000000000000';

/** One entry with every field as its hash takes it: text as PostgreSQL writes it. */
export interface ChainRow {
  readonly tenantId: string;
  readonly seq: bigint;
  readonly id: string;
  /** Microseconds since 1970. */
  readonly atMicros: string;
  readonly operatorId: string | null;
  readonly login: string;
  readonly action: string;
  readonly target: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
  /** Hex, like `hash`. */
  readonly prevHash: string;
  readonly hash: string;
}

/** Where a chain ends: the place and the hash (hex) of its last entry. */
export interface ChainHead {
  readonly seq: bigint;
  readonly hash: string;
}

/** The hash that the first entry of a chain follows. */
export function genesisHash(tenantId: string): string {
  return hash('sha256', tenantId, 'hex');
}

/**
 * The hash of an entry, made anew from its fields: SHA-256 of the hash before it and of each field as the number of its bytes,
 * a colon and its text in UTF-8, null as "-". The database makes it the same way (`platform.audit_hash`); this is the second opinion.
 * `seq`: as if it stood there.
 */
export function chainHash(row: ChainRow, seq = row.seq): string {
  const fields =
    field(row.tenantId) +
    field(seq.toString()) +
    field(row.id) +
    field(row.atMicros) +
    field(row.operatorId) +
    field(row.login) +
    field(row.action) +
    field(row.target) +
    field(row.before) +
    field(row.after) +
    field(row.reason);
  return hash('sha256', Buffer.concat([Buffer.from(row.prevHash, 'hex'), Buffer.from(fields, 'utf8')]), 'hex');
}

function field(value: string | null): string {
  return value === null ? '-' : `${Buffer.byteLength(value, 'utf8')}:${value}`;
}
