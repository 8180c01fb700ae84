import type { Inbox, InboxItem } from '../../src-main/contract/requests.ts';

/** What a notification says and where its click leads. */
export interface RequestNotice {
  readonly itemId: string;
  readonly title: string;
  readonly body: string;
}

export interface RequestNotices {
  /** Each picture of the inbox, in order. */
  hear: (inbox: Inbox) => void;
}

/**
 * One notice for each thing that newly waits for this operator: not for what waited when the console was opened, not for what
 * they asked for themselves or can't decide, and not while `looking` says that they look at the inbox.
 */
export function createRequestNotices(
  notify: (notice: RequestNotice) => void,
  looking: () => boolean,
  words: (item: InboxItem) => Omit<RequestNotice, 'itemId'>,
): RequestNotices {
  let known: Set<string> | null = null;
  return {
    hear({ items, asOf }) {
      if (asOf === null) return;
      const before = known;
      known = new Set(items.map(({ id }) => id));
      if (before === null) return;
      for (const item of items) {
        if (before.has(item.id) || item.whyNot !== null || looking()) continue;
        notify({ itemId: item.id, ...words(item) });
      }
    },
  };
}
