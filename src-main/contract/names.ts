/** What people may call things; the platform holds names to the same. Imports nothing, so that the window can ask as somebody types. */

/** The most characters (code points) of a name. */
export const MOST_OF_A_NAME = 200;

/** Control characters, and those that turn the direction of the text around them: nobody sees them, so nobody can check them. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNSEEN = /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFFFE\uFFFF]/;
const BLANK = /^[\s\u200B-\u200F\u2060\uFEFF]*$/;

/** What is wrong with a name, in a sentence; null: nothing. `what`: "A client’s name". */
export function nameProblem(what: string, name: string): string | null {
  if (UNSEEN.test(name) || !name.isWellFormed()) {
    return `${what} has characters that can’t be seen, such as line breaks or marks that turn the direction of text. Type it again.`;
  }
  if (BLANK.test(name)) return `${what} is missing.`;
  const length = Array.from(name).length;
  return length > MOST_OF_A_NAME ? `${what} has at most ${MOST_OF_A_NAME} characters; this one has ${length}.` : null;
}

/** A tenant's short name in addresses and files. */
export const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
