import { setImmediate as turn } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Buckets } from './buckets.ts';
import type { CallCounts, ModelCounts } from './call-counts.ts';
import { bucketSamples, labelText, textOf, type Family, type Labels, type Sample } from './prometheus-text.ts';
import type { GatewayFigures } from './standing.ts';

/*
 * The metrics in Prometheus' text format, made when somebody asks: calls are counted in plain numbers (call-counts.ts), and written
 * here: the library needed 0.2 s of the event loop for a hundred models, in which no stream moves. What it knows of the process is its own. Names follow OpenTelemetry's conventions for generative AI where they have one (`gen_ai.client.…`, written as
 * Prometheus writes it); the rest is `tenantdesk_…`. No label holds a tenant: a thousand clients times models would be a
 * series each in every gateway, and who reads metrics is not asked whose clients they may see. Clients' figures are in the console and in
 * /admin/v1/live.
 */

export interface MetricText {
  readonly contentType: string;
  text(): Promise<string>;
}

const NANO = 1_000_000_000;
const MS = 1_000;

/** `figures`: how the gateway stands at this moment. */
export function createMetricText(counts: CallCounts, figures: () => GatewayFigures): MetricText {
  const ofTheProcess = new Registry();
  collectDefaultMetrics({ register: ofTheProcess });
  return {
    contentType: ofTheProcess.contentType,
    text: async () => {
      const parts = familiesOfState(figures()).map(textOf);
      for (const family of familiesOfCalls(counts)) {
        parts.push(textOf(family));
        // With many models a family takes some milliseconds: calls go on between two.
        await turn();
      }
      return `${parts.join('')}${await ofTheProcess.metrics()}`;
    },
  };
}

/** Made one by one, as they are asked for. */
function* familiesOfCalls(counts: CallCounts): Generator<Family> {
  const models = [...counts.models];
  const each = (samples: (one: ModelCounts, labels: Labels) => Sample[]): Sample[] =>
    models.flatMap((one) =>
      samples(one, {
        gen_ai_operation_name: one.operation,
        gen_ai_provider_name: one.provider,
        gen_ai_request_model: one.model,
      }),
    );
  const histogram = (
    name: string,
    help: string,
    of: (one: ModelCounts, labels: Labels) => [Labels, Buckets][],
  ): Family =>
    family(
      'histogram',
      name,
      help,
      each((one, labels) => of(one, labels).flatMap(([all, b]) => bucketSamples(all, b))),
    );
  yield histogram(
    'gen_ai_client_operation_duration_seconds',
    'From admission to the end of an attempt with a provider; error_type: how it ended when not well.',
    (one, labels) =>
      [...one.durations].map(([outcome, duration]) => [
        outcome === 'ok' ? labels : { ...labels, error_type: outcome },
        duration,
      ]),
  );
  yield histogram('gen_ai_client_token_usage', 'Tokens an attempt as the provider billed them.', (one, labels) => [
    [{ ...labels, gen_ai_token_type: 'input' }, one.input],
    [{ ...labels, gen_ai_token_type: 'output' }, one.output],
  ]);
  yield histogram('tenantdesk_first_byte_seconds', "From admission to the provider's first byte.", (one, labels) => [
    [labels, one.firstByte],
  ]);
  yield family(
    'counter',
    'tenantdesk_special_tokens_total',
    'Of those tokens: read from the cache, written to it, spent on reasoning.',
    each((one, labels) => [
      sample({ ...labels, type: 'cached_input' }, one.cachedInput),
      sample({ ...labels, type: 'cache_write' }, one.cacheWrite),
      sample({ ...labels, type: 'reasoning' }, one.reasoning),
    ]),
  );
  yield family(
    'counter',
    'tenantdesk_cost_usd_total',
    'AI cost of settled attempts.',
    each((one, labels) => [sample(labels, one.cost / NANO)]),
  );
  yield family(
    'counter',
    'tenantdesk_estimates_total',
    'Attempts charged at their bound because nobody knows the bill.',
    each((one, labels) => [sample(labels, one.estimates)]),
  );
  yield family(
    'counter',
    'tenantdesk_refusals_total',
    'Calls turned away, by the code that the caller got.',
    Array.from(counts.refusals, ({ code, status, count }) =>
      sample({ code, http_response_status_code: String(status) }, count),
    ),
  );
  yield single(
    'counter',
    'tenantdesk_unsent_total',
    'Attempts that never left: the provider was not reached.',
    counts.unsent,
  );
  yield single(
    'counter',
    'tenantdesk_over_bound_total',
    'Bills above their bound: the one way over a cap.',
    counts.overBound,
  );
  yield single('counter', 'tenantdesk_set_aside_rows_total', 'Rows that the ledger refused.', counts.setAside);
  yield single(
    'counter',
    'tenantdesk_journal_failures_total',
    'Times the journal could not be written.',
    counts.journalTrouble,
  );
}

function familiesOfState(state: GatewayFigures): Family[] {
  const up = (name: string, help: string, label: string, parts: Readonly<Record<string, boolean>>): Family =>
    family(
      'gauge',
      name,
      help,
      Object.entries(parts).map(([part, ok]) => sample({ [label]: part }, ok ? 1 : 0)),
    );
  const gauge = (name: string, help: string, value: number | undefined): Family[] =>
    value === undefined ? [] : [single('gauge', name, help, value)];
  const { id, name, version } = state.about;
  return [
    family('gauge', 'tenantdesk_gateway_info', 'Which gateway this is.', [sample({ id, name, version }, 1)]),
    ...gauge('tenantdesk_ready', '1: calls may be sent here (/readyz).', state.ready ? 1 : 0),
    ...gauge('tenantdesk_draining', '1: it is stopping.', state.draining ? 1 : 0),
    up('tenantdesk_store_up', 'Stores as the gateway sees them.', 'store', state.stores),
    up(
      'tenantdesk_provider_up',
      '0: the provider answers no call at the moment.',
      'gen_ai_provider_name',
      state.providers,
    ),
    ...gauge('tenantdesk_open_calls', 'Admitted and not settled yet.', state.openCalls),
    ...gauge('tenantdesk_open_streams', 'Of those, answers that are being streamed.', state.openStreams),
    ...gauge('tenantdesk_live_subscribers', 'Consoles that listen here.', state.subscribers),
    ...gauge('tenantdesk_grants', 'Grants that this gateway holds.', state.grants.count),
    ...gauge('tenantdesk_grants_idle_usd', 'Granted here, neither spent nor held.', usd(state.grants.idle)),
    ...gauge('tenantdesk_grants_held_usd', 'Bounds of the calls open here.', usd(state.grants.held)),
    ...gauge('tenantdesk_grants_pending_usd', 'Settled here, not in the ledger yet.', usd(state.grants.pending)),
    ...gauge('tenantdesk_ledger_waiting_rows', 'Settled calls on their way to the ledger.', state.ledger.waiting),
    ...gauge('tenantdesk_ledger_lag_seconds', 'Since the oldest of them came.', state.ledger.lagMs / MS),
    ...gauge('tenantdesk_journal_bytes', "Size of the journal's files.", state.journal.bytes),
    ...gauge('tenantdesk_journal_files', 'Their number.', state.journal.files),
    ...gauge(
      'tenantdesk_journal_age_seconds',
      'From the beginning of its oldest file to its last line; 0: the one in use alone.',
      state.journal.oldestMs / MS,
    ),
    ...gauge('tenantdesk_journal_room_bytes', 'Free on its disk.', state.journal.roomBytes),
    ...gauge(
      'tenantdesk_policy_age_seconds',
      'Since the policy was seen to be the present one.',
      state.policyAgeMs / MS,
    ),
    ...gauge(
      'tenantdesk_clock_uncertainty_seconds',
      "Of the database's clock as kept here.",
      state.clockUncertaintyMs / MS,
    ),
    ...gauge(
      'tenantdesk_drift_usd',
      'What rollups and caps differ from the ledger by, all added up. Must be 0.',
      usd(state.drift.nanoUsd),
    ),
    ...gauge('tenantdesk_drift_figures', 'Figures that differ. Must be 0.', state.drift.figures),
    ...gauge(
      'tenantdesk_reconciled_age_seconds',
      'Since figures were last compared.',
      state.drift.ageMs === undefined ? undefined : state.drift.ageMs / MS,
    ),
    ...gauge(
      'tenantdesk_orphaned_grants',
      'Grants of gateways that do not return, on the whole platform.',
      state.orphaned?.grants,
    ),
    ...gauge('tenantdesk_orphaned_usd', 'What those hold.', state.orphaned && usd(state.orphaned.nanoUsd)),
  ];
}

function family(type: Family['type'], name: string, help: string, samples: readonly Sample[]): Family {
  return { type, name, help, samples };
}

function single(type: Family['type'], name: string, help: string, value: number): Family {
  return family(type, name, help, [{ labels: '', value }]);
}

function sample(labels: Labels, value: number): Sample {
  return { labels: labelText(labels), value };
}

function usd(nanoUsd: bigint): number {
  return Number(nanoUsd) / NANO;
}
