/** A connection as a file that one operator hands to another: where a platform is and how it proves itself, no secret. */
import { z } from 'zod';
import { profileDraft, type ProfileDraft, type ProfileTarget } from '../contract/profiles.ts';
import { OperatorError } from '../infra/operator-error.ts';

const FORMAT = 'tenantdesk-connection';
const VERSION = 1;

const head = z.object({ format: z.literal(FORMAT), version: z.int().min(1) });
const whole = z.object({ connection: profileDraft });

/** What of it is no secret. */
export function draftOf({ database, gateway, ...look }: ProfileTarget): ProfileDraft {
  const { password: _password, key: _databaseKey, ...databasePlace } = database;
  const { token: _token, key: _gatewayKey, ...gatewayPlace } = gateway;
  return { ...look, database: databasePlace, gateway: gatewayPlace };
}

export function profileFileText(target: ProfileTarget): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, connection: draftOf(target) }, null, 2)}\n`;
}

/** Letters, digits and hyphens of the name, in any script. */
export function profileFileName({ name }: ProfileTarget): string {
  const words = name.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? ['platform'];
  return `tenantdesk-connection-${words.join('-').slice(0, 60)}.json`;
}

/** Throws OperatorError BAD_REQUEST with what is wrong with the file. Unknown parts of it are left out. */
export function readProfileFile(text: string): ProfileDraft {
  const content = parsed(text);
  const known = head.safeParse(content);
  if (!known.success) {
    throw refused('This is no file of a TenantDesk connection. Choose one that was saved with “Save as file”.');
  }
  if (known.data.version > VERSION) {
    throw refused('This file was saved by a newer TenantDesk. Update this one, or ask for the connection’s details.');
  }
  const read = whole.safeParse(content);
  if (read.success) return read.data.connection;
  const place = read.error.issues[0]?.path.join('.') ?? 'connection';
  throw refused(`The file was changed since it was saved: "${place}" is missing or can’t be used. Ask for it again.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (sentence: string): OperatorError => new OperatorError('BAD_REQUEST', sentence);
