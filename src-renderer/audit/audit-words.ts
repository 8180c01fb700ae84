import type { AuditAlarm, AuditEntry, AuditFault, AuditFinding } from '../../src-main/contract/audit.ts';
import { formatToTheSecond } from '../ui/format-instant.ts';

/** "Clinic B"; "the platform" for its own chain; a client that is gone has only its id. */
export function chainName({ tenantId, tenantName }: Pick<AuditFinding, 'tenantId' | 'tenantName'>): string {
  return tenantId === null ? 'the platform' : (tenantName ?? `client ${tenantId}`);
}

/** Who did it: a person, the client by a call of its own, or the login of a program. */
export function whoWords({
  operatorName,
  login,
  action,
}: Pick<AuditEntry, 'operatorName' | 'login' | 'action'>): string {
  return operatorName ?? (action === 'request.ask' ? 'the client itself' : login);
}

/** What is wrong with the first bad entry of a chain, and how that is known. */
export function findingWords({ seq, what, by, seenAt }: AuditFinding): string {
  const seen = `this console saw${seenAt === null ? '' : ` on ${formatToTheSecond(seenAt)}`}`;
  const cutBy = {
    chain: 'Later entries are known.',
    head: 'The chain’s head knows of later ones.',
    anchor: 'The platform’s own chain knows of later ones.',
    memory: `There were later ones that ${seen}.`,
  };
  const words: Record<AuditFault, string> = {
    edited: `Entry ${seq} was changed after it was written.`,
    missing: `Entry ${seq} is missing; later ones are there.`,
    order: `Another entry stands in the place of entry ${seq}: entries were put in another order.`,
    inserted: `Entry ${seq} was put in later.`,
    head: `Where the chain ends (entry ${seq}) is not recorded any more: its head was removed.`,
    cut: `Entry ${seq} and all after it are gone. ${cutBy[by]}`,
    rewritten: `The chain was written anew: entry ${seq} is not the one that ${by === 'memory' ? seen : 'the platform’s own chain knows'}.`,
  };
  return words[what];
}

/** A chain that is not the one this console saw before, in clear words. */
export function alarmWords(alarm: AuditAlarm): string {
  const { what, seq, seenAt, lastSeq } = alarm;
  const seen = `on ${formatToTheSecond(seenAt)} this console saw its entry ${seq}`;
  const whose = `The audit log of ${chainName(alarm)}`;
  if (what === 'rewritten') return `${whose} was rewritten: ${seen}, and it is another one now.`;
  const now = lastSeq === 0n ? 'nothing is left of it' : `it ends at entry ${lastSeq} now`;
  return `${whose} was cut: ${seen}, and ${now}.`;
}
