import { useState, type ReactNode } from 'react';

export interface ShowMoreProps<Item> {
  items: readonly Item[];
  /** How many stand there at first. */
  first: number;
  what: string;
  children: (shown: readonly Item[]) => ReactNode;
}

/** The first of a list, and the rest on demand. */
export function ShowMore<Item>({ items, first, what, children }: ShowMoreProps<Item>): ReactNode {
  const [all, setAll] = useState(false);
  return (
    <>
      {children(all ? items : items.slice(0, first))}
      {items.length > first ? (
        <button type="button" className="td-link" onClick={() => setAll(!all)}>
          {all ? `Show fewer ${what}` : `Show the last ${items.length} ${what}`}
        </button>
      ) : null}
    </>
  );
}
