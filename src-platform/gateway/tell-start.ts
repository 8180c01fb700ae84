import type { Pool } from 'pg';
import type { DatabaseClock } from './gateway-clock.ts';

/** Tells the database that this gateway is up at that address, and learns its clock. */
export async function tellStart(
  pool: Pool,
  gateway: { readonly id: string; readonly name: string; readonly version: string; readonly address: string },
  clock: DatabaseClock,
  monotonic: () => number,
): Promise<void> {
  const sentAt = monotonic();
  const { rows } = await pool.query<{ at: Date }>('select platform.gateway_start($1, $2, $3, $4) as at', [
    gateway.id,
    gateway.name,
    gateway.version,
    gateway.address,
  ]);
  const [now] = rows;
  if (now) clock.learn(now.at.getTime(), sentAt, monotonic());
}
