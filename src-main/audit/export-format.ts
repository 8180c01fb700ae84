import { PLATFORM_CHAIN, type ChainHead, type ChainRow } from './chain-row.ts';

export interface ExportedRow {
  readonly row: ChainRow;
  /** Null: the platform's own chain. */
  readonly tenantName: string | null;
}

export interface ExportFacts {
  readonly exportedAt: Date;
  readonly login: string;
  /** What it was narrowed to; `{}`: whole chains. */
  readonly filter: object;
}

/** How entries become a file: text before, for each entry, and after. Every text ends its lines. */
export interface ExportFormat {
  head(facts: ExportFacts): string;
  entry(entry: ExportedRow): string;
  /** `heads`: where each exported chain ended, by tenant. */
  foot(entries: number, heads: ReadonlyMap<string, ChainHead>): string;
}

/** What anybody needs to check an export without us; README.md of this folder's room says the same. */
export const HOW_TO_VERIFY =
  'hash = SHA-256(bytes of prevHash, then tenantId, seq, id, atMicros, operatorId, login, action, target, before, after, reason, each in UTF-8 as <number of bytes>:<text>, null as "-"). prevHash is the hash of the entry before in its chain (tenantId), for seq 1 SHA-256 of tenantId.';

/** One JSON object a line: what this is, then the entries chain by chain in order, then where the chains ended. */
const jsonLines: ExportFormat = {
  head: ({ exportedAt, login, filter }) =>
    line({ format: 'tenantdesk-audit-1', exportedAt, exportedBy: login, filter, howToVerify: HOW_TO_VERIFY }),
  entry: ({ row, tenantName }) => {
    const { tenantId, seq, id, atMicros, ...fields } = row;
    return line({
      tenantId,
      client: tenantId === PLATFORM_CHAIN ? null : tenantName,
      seq: seq.toString(),
      id,
      at: isoOf(atMicros),
      atMicros,
      ...fields,
    });
  },
  foot: (entries, heads) =>
    line({
      entries,
      heads: Object.fromEntries(
        [...heads].map(([tenantId, { seq, hash }]) => [tenantId, { seq: seq.toString(), hash }]),
      ),
    }),
};

const COLUMNS =
  'tenant_id,client,seq,id,at,at_micros,operator_id,login,action,target,before,after,reason,prev_hash,hash';

/** RFC 4180. Null is an empty cell, an empty text is `""`. */
const csv: ExportFormat = {
  head: () => `${COLUMNS}\r\n`,
  entry: ({ row, tenantName }) =>
    `${[
      row.tenantId,
      row.tenantId === PLATFORM_CHAIN ? null : tenantName,
      row.seq.toString(),
      row.id,
      isoOf(row.atMicros),
      row.atMicros,
      row.operatorId,
      row.login,
      row.action,
      row.target,
      row.before,
      row.after,
      row.reason,
      row.prevHash,
      row.hash,
    ]
      .map(csvCell)
      .join(',')}\r\n`,
  foot: () => '',
};

export const EXPORT_FORMATS = { jsonl: jsonLines, csv } as const;

/**
 * A cell that no spreadsheet takes for a formula: where it might, a ' stands before it. A text that begins with ' gets one more, so
 * that taking one leading ' away always gives back what was hashed (libraries that escape formulas can't be undone).
 */
export function csvCell(value: string | null): string {
  if (value === null) return '';
  const safe = /^[=+\-@\t\r\n']/.test(value) ? `'${value}` : value;
  return safe === '' || /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Microseconds since 1970 as ISO 8601 with all six digits. */
function isoOf(atMicros: string): string {
  const micros = BigInt(atMicros);
  const iso = new Date(Number(micros / 1000n)).toISOString();
  return `${iso.slice(0, -1)}${(micros % 1000n).toString().padStart(3, '0')}Z`;
}
