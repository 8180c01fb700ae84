/**
 * The last migration of this program and of the database, by their names; null: unknown. Answers what follows from the difference; null:
 * there is none.
 */
export function schemaSkew(own: string | null, newest: string | null): string | null {
  if (own === null || newest === null || newest === own) return null;
  const [theirs, ours] = [newest, own].map((name) => name.slice(0, 4));
  return newest < own
    ? `The platform’s schema (${theirs}) is older than this console (${ours}). What both know works; a page that needs more says so. An admin brings it up to date with “npm run platform:migrate”.`
    : `The platform’s schema (${theirs}) is newer than this console (${ours}). What both know works, and the database refuses what does not fit. Update TenantDesk for the rest.`;
}

export interface GatewayVersion {
  readonly name: string;
  /** "1.4.0" */
  readonly version: string;
}

/** The same for gateways; the last of the three numbers makes no difference. */
export function gatewaySkew(own: string, gateways: readonly GatewayVersion[]): string | null {
  const differing = gateways.filter(({ version }) => compared(version, own) !== 0);
  const [first] = differing;
  if (first === undefined) return null;
  const which = differing.map(({ name, version }) => `${name} ${version}`).join(', ');
  const newer = differing.some(({ version }) => compared(version, own) > 0);
  return newer
    ? `Gateways newer than this console (${own}): ${which}. Caps hold and live figures are read; update TenantDesk for what is new.`
    : `Gateways older than this console (${own}): ${which}. Caps hold and live figures are read; what came since is missing until they are updated.`;
}

function compared(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').slice(0, 2).map(Number));
  for (const place of [0, 1]) {
    const difference = (a?.[place] ?? 0) - (b?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
