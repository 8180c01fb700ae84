/**
 * Addresses that may be opened in the user's own browser: whole ones, letter by letter, so that nothing a page made up leaves the
 * computer in a link. https alone; what else the system would open (files, shares, other programs' schemes) is never asked for.
 */
export function externalLink(url: string, allowed: readonly string[]): string | undefined {
  return allowed.find((known) => known === url && URL.parse(known)?.protocol === 'https:');
}
