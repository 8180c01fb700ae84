import { ORPCError } from '@orpc/client';
import type { Decided, DecideIncreaseInput, DecideRaiseInput, InboxItem } from '../../src-main/contract/requests.ts';
import { ConnectionLost } from '../ui/connection-lost.ts';
import { createLiveValue, type LiveValue, type SettableLiveValue } from '../ui/live-value.ts';

/** What the operator wants done with what waits. A decline needs its reason; `amountNanoUsd` absent: as asked. */
export type Decision =
  | { kind: 'approve'; amountNanoUsd?: bigint }
  | { kind: 'decline'; reason: string }
  | { kind: 'confirm' }
  | { kind: 'reject' };

/** What went to the database: the very same is sent again when the line broke. */
interface Sent {
  item: InboxItem;
  decision: Decision;
  key: string;
}

/**
 * One decision about one item, from the click to its end:
 *
 *   (nothing) ──decide──▶ pending ──agreed──▶ done
 *                           ├──no, or somebody was faster──▶ refused ──dismiss──▶ (nothing)
 *                           └──line broke──▶ unanswered ──send again, same key──▶ pending
 *
 * While it is pending or done nothing else is decided about the item: a double click, or a key held down, counts once.
 */
export type ItemDecision =
  | ({ state: 'pending' } & Sent)
  | ({ state: 'unanswered' } & Sent)
  | { state: 'done'; item: InboxItem; decision: Decision; result: Decided }
  | { state: 'refused'; item: InboxItem; sentence: string };

export interface Decisions {
  of: (itemId: string) => LiveValue<ItemDecision | null>;
  /** The last one that the database agreed to: its item is in the list no more. */
  last: LiveValue<(ItemDecision & { state: 'done' }) | null>;
  decide: (item: InboxItem, decision: Decision) => void;
  sendAgain: (itemId: string) => void;
  dismiss: (itemId: string) => void;
}

export interface DecisionsOptions {
  calls: {
    decide: (input: DecideIncreaseInput) => Promise<Decided>;
    decideRaise: (input: DecideRaiseInput) => Promise<Decided>;
  };
  newKey: () => string;
  onDone: (result: Decided) => void;
}

const UNREADABLE = 'The console gave no answer that can be read. Look at the inbox before you try again.';

export function createDecisions({ calls, newKey, onDone }: DecisionsOptions): Decisions {
  const slots = new Map<string, SettableLiveValue<ItemDecision | null>>();
  const last = createLiveValue<(ItemDecision & { state: 'done' }) | null>(null);

  function slot(itemId: string): SettableLiveValue<ItemDecision | null> {
    const known = slots.get(itemId) ?? createLiveValue<ItemDecision | null>(null);
    slots.set(itemId, known);
    return known;
  }

  async function run(sent: Sent): Promise<void> {
    const { item, decision } = sent;
    slot(item.id).set({ state: 'pending', ...sent });
    try {
      const result = await send(calls, sent);
      const done = { state: 'done', item, decision, result } as const;
      slot(item.id).set(done);
      last.set(done);
      onDone(result);
    } catch (error) {
      if (error instanceof ConnectionLost) slot(item.id).set({ state: 'unanswered', ...sent });
      else {
        const sentence = error instanceof ORPCError && error.message !== '' ? error.message : UNREADABLE;
        slot(item.id).set({ state: 'refused', item, sentence });
      }
    }
  }

  return {
    of: slot,
    last,
    decide(item, decision) {
      const now = slot(item.id).get();
      if (now === null || now.state === 'refused') void run({ item, decision, key: newKey() });
    },
    sendAgain(itemId) {
      const now = slot(itemId).get();
      if (now?.state === 'unanswered') void run({ item: now.item, decision: now.decision, key: now.key });
    },
    dismiss(itemId) {
      const now = slot(itemId).get();
      if (now?.state === 'refused' || now?.state === 'unanswered') slot(itemId).set(null);
    },
  };
}

async function send(calls: DecisionsOptions['calls'], { item, decision, key }: Sent): Promise<Decided> {
  const sent = { tenantId: item.tenantId, idempotencyKey: key };
  if (decision.kind === 'confirm' || decision.kind === 'reject') {
    return calls.decideRaise({ ...sent, pendingId: item.id, decision: decision.kind });
  }
  if (decision.kind === 'decline') return calls.decide({ ...sent, requestId: item.id, decision });
  // The card shows the cap as it is now: that is the look that an approval needs.
  return calls.decide({
    ...sent,
    requestId: item.id,
    decision: { ...decision, kind: 'approve', expectedCapVersion: item.cap.version },
  });
}
