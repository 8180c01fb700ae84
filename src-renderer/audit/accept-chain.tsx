import { useState, type ReactNode } from 'react';

export type Accept = (chain: string) => Promise<unknown>;

/** A backup was restored, so the chain is rightly shorter: asked twice, because the old memory is lost. */
export function AcceptChain({ chain, name, accept }: { chain: string; name: string; accept: Accept }): ReactNode {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (!asked) {
    return (
      <button type="button" className="td-button" onClick={() => setAsked(true)}>
        This has a known cause…
      </button>
    );
  }
  return (
    <p>
      Only when you know why, such as a restored backup: this console forgets what it saw of {name}.{' '}
      <button
        type="button"
        className="td-button"
        onClick={() => {
          accept(chain).catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
        }}
      >
        Remember it as it is now
      </button>{' '}
      <button type="button" className="td-link" onClick={() => setAsked(false)}>
        Keep the alarm
      </button>
      {problem === null ? null : <span role="alert"> {problem}</span>}
    </p>
  );
}
