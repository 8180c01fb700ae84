import { createHash } from 'node:crypto';

const MOST_ENTRIES = 2_000;

/** Remembers beginnings of prompts, as providers' prompt caches do; the oldest are forgotten first. */
export class PromptCache {
  readonly #seen = new Set<string>();

  /** True when this beginning was here before; it counts as just used from now on. */
  seen(beginning: string): boolean {
    const digest = createHash('sha1').update(beginning).digest('base64');
    const known = this.#seen.delete(digest);
    this.#seen.add(digest);
    if (this.#seen.size > MOST_ENTRIES) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
    return known;
  }
}
