/** The keys of a page and what they do there; those that work everywhere stand in the list of all shortcuts. */
export type PageKeys = readonly (readonly [keys: string, does: string])[];

const MOVE = ['J K', 'move'] as const;

const KEYS = new Map<string, PageKeys>(
  Object.entries({
    board: [MOVE, ['Enter', 'open'], ['+', 'raise cap 10 %'], ['/', 'filter']],
    inbox: [MOVE, ['A', 'approve'], ['O', 'other amount'], ['D', 'decline']],
    margins: [MOVE, ['Enter', 'open'], ['Esc', 'close']],
    reports: [MOVE, ['/', 'find a client']],
  }),
);

/** `pathname`: as the router has it, "/board/…". */
export function pageKeys(pathname: string): PageKeys {
  return KEYS.get(pathname.split('/')[1] ?? '') ?? [];
}
