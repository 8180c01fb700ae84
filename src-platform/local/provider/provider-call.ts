import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerPlan } from './answer-plan.ts';
import { billedFigures, type BillBook } from './bill-book.ts';
import { billedCost, type ProviderPrice } from './price-list.ts';
import type { ProviderRequest } from './provider-format.ts';

/** One call on its way: what was asked, what will be answered, and how it gets onto the bill. */
export interface ProviderCall {
  readonly id: string;
  readonly request: ProviderRequest;
  readonly plan: AnswerPlan;
  readonly createdAt: number;
  /** Puts the call on the bill, once: all of it, or what had been made of the answer when the connection ended. */
  bill(madeTokens: number, completed: boolean): void;
}

interface NewCall {
  readonly id: string;
  /** The caller's own id for the call, if it sent one. */
  readonly callerId: string | undefined;
  readonly price: ProviderPrice;
  readonly request: ProviderRequest;
  readonly plan: AnswerPlan;
  readonly startedAt: Date;
}

/** Opens a call whose bill goes into `book`. */
export function openCall(
  book: Pick<BillBook, 'add'>,
  { id, callerId, price, request, plan, startedAt }: NewCall,
): ProviderCall {
  let billed = false;
  return {
    id,
    request,
    plan,
    createdAt: Math.floor(startedAt.getTime() / 1000),
    bill: (madeTokens, completed) => {
      if (billed || request.markers.billsNothing) return;
      billed = true;
      const tokens = {
        ...plan.tokens,
        output: Math.min(madeTokens, plan.tokens.output),
        reasoning: Math.min(madeTokens, plan.tokens.reasoning),
      };
      book.add({
        at: startedAt.toISOString(),
        requestId: callerId ?? null,
        providerRequestId: id,
        model: request.model,
        ...billedFigures(tokens, billedCost(price, tokens, request.flex)),
        stream: request.stream,
        completed,
      });
    },
  };
}

/** Waits; false when the caller left meanwhile. */
export async function waited(milliseconds: number, gone: AbortSignal): Promise<boolean> {
  if (milliseconds < 1) return !gone.aborted;
  try {
    await pause(milliseconds, undefined, { signal: gone });
    return true;
  } catch {
    return false;
  }
}
