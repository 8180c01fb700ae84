import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { takeFolderLock } from '../local/folder-lock.ts';

/** The gateway's folder, taken for this process. */
export interface GatewayHome {
  /** Made at the first start, kept for ever: grants and journal belong to it. */
  readonly gatewayId: string;
  readonly journalFolder: string;
  /** Rows that the ledger refused. */
  readonly setAsideFile: string;
  release(): void;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws when another process has the folder: two gateways under one id would spend the same grants */
export function openGatewayHome(folder: string): GatewayHome {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = takeFolderLock(path.join(folder, 'gateway.lock'));
  if (!lock.taken) throw new Error(`Another gateway (process ${lock.ownerPid}) works in ${folder}.`);
  return {
    gatewayId: readOrMakeId(path.join(folder, 'gateway-id')),
    journalFolder: path.join(folder, 'journal'),
    setAsideFile: path.join(folder, 'set-aside.jsonl'),
    release: () => lock.release(),
  };
}

function readOrMakeId(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    text = randomUUID();
    writeFileSync(`${file}.partial`, `${text}\n`, { mode: 0o600 });
    renameSync(`${file}.partial`, file);
  }
  if (!UUID.test(text)) throw new Error(`${file} does not hold a gateway's id.`);
  return text;
}
