/**
 * `tenantdesk://tenant/<slug>`: the one link from outside that leads into the console. It only shows a client; whatever else stands in
 * it makes it no link of ours. Anybody can make somebody click one.
 */
import { SLUG } from '../contract/names.ts';
import type { WantedPlace } from '../contract/shell.ts';

export const LINK_SCHEME = 'tenantdesk';

const LINK = /^tenantdesk:\/\/tenant\/([^/]+)\/?$/;

/** Where a link leads; undefined for every other text. */
export function placeOfLink(link: string): WantedPlace | undefined {
  const slug = LINK.exec(link)?.[1];
  return slug !== undefined && SLUG.test(slug) ? { kind: 'client', slug } : undefined;
}

/** Whether the system started the program to open a link of our scheme, a good one or not: no other argument counts then. */
export function isStartByLink(argv: readonly string[]): boolean {
  return argv.some((argument) => argument.toLowerCase().startsWith(`${LINK_SCHEME}:`));
}

/** The first good link among a program's arguments, as Windows and Linux hand it over. */
export function placeOfArguments(argv: readonly string[]): WantedPlace | undefined {
  return argv.map(placeOfLink).find((place) => place !== undefined);
}
