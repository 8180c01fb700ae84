import type { PastRequest } from '../../src-main/contract/requests.ts';
import { formatUsd } from '../ui/format-usd.ts';

/** A request that is over. */
export interface DecidedRequest extends PastRequest {
  status: Exclude<PastRequest['status'], 'open'>;
  decidedAt: Date;
}

export function isDecided(request: PastRequest): request is DecidedRequest {
  return request.status !== 'open' && request.decidedAt !== null;
}

/** "Approved, $5.00 more", "Approved with another amount, $1.50 more", "Declined". */
export function outcomeWords({ status, amountNanoUsd, decidedAmountNanoUsd }: DecidedRequest): string {
  if (status !== 'approved') return { declined: 'Declined', withdrawn: 'Taken back', expired: 'Expired' }[status];
  const given = decidedAmountNanoUsd ?? amountNanoUsd;
  return `Approved${given === amountNanoUsd ? '' : ' with another amount'}, ${formatUsd(given)} more`;
}
