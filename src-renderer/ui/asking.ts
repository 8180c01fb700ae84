import { ORPCError } from '@orpc/client';
import { useState } from 'react';
import { ConnectionLost } from './connection-lost.ts';

/** One question of a form at a time: whether it is on its way, and why it was refused. */
export interface Asking {
  busy: boolean;
  refusal: string | null;
  ask: <Result>(question: () => Promise<Result>, onAnswer?: (result: Result) => void) => void;
}

const UNREADABLE = 'The console gave no answer that can be read. Try again.';

export function useAsking(): Asking {
  const [state, setState] = useState<{ busy: boolean; refusal: string | null }>({ busy: false, refusal: null });
  return {
    ...state,
    ask(question, onAnswer) {
      if (state.busy) return;
      setState({ busy: true, refusal: null });
      question().then(
        (result) => {
          setState({ busy: false, refusal: null });
          onAnswer?.(result);
        },
        (error: unknown) => {
          const said = error instanceof ORPCError || error instanceof ConnectionLost;
          setState({ busy: false, refusal: said ? error.message : UNREADABLE });
        },
      );
    },
  };
}
