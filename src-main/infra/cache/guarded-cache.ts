import type { Cache } from '../cache.ts';

/** The cache while `isOpen` says so; else nothing can be read from it. It is kept up to date all the same. */
export function createGuardedCache(cache: Cache, isOpen: () => boolean): Cache {
  return {
    get trouble() {
      return cache.trouble;
    },
    read: (kind, id) => (isOpen() ? cache.read(kind, id) : null),
    list: (kind) => (isOpen() ? cache.list(kind) : []),
    write: (kind, id, kept) => cache.write(kind, id, kept),
    remove: (kind, id) => cache.remove(kind, id),
    close: () => cache.close(),
  };
}
