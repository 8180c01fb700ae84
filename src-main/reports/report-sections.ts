import type { ReportChart, ReportSection, ReportTable } from '../contract/report-document.ts';
import type { TenantMonth } from '../contract/reports.ts';
import { everyDay, everyMonth } from './report-calendar.ts';
import type { ReportFormats } from './report-formats.ts';
import { decimal } from './report-money.ts';
import type { ReportValue } from './report-value.ts';
import type { ReportWords } from './report-words.ts';

/** What every section is written with. */
export interface SectionTools {
  readonly data: TenantMonth;
  readonly words: ReportWords;
  /** `amount` in the client's own currency; `cost` in the same, or in USD where there is no rate. */
  readonly formats: ReportFormats;
}

type Usage = TenantMonth['total'];
type Column = ReportTable['columns'][number];

/** Bars that one chart of workflows or models can hold and still be read; its table holds all. */
const MOST_BARS = 12;

const text = (label: string): Column => ({ label, kind: 'text' });
const number = (label: string): Column => ({ label, kind: 'number' });

export function tokensOf(usage: Usage): number {
  return usage.inputTokens + usage.outputTokens;
}

/** Tokens per call, rounded half up; "—" without calls. */
export function tokensPerCall({ formats }: Pick<SectionTools, 'formats'>, usage: Usage): string {
  return usage.calls === 0 ? '—' : formats.count(Math.round(tokensOf(usage) / usage.calls));
}

export function successOf(
  { formats }: Pick<SectionTools, 'formats'>,
  { calls, failedCalls }: Pick<Usage, 'calls' | 'failedCalls'>,
): string {
  return formats.share(BigInt(calls - failedCalls), BigInt(calls));
}

export function valueSection({ words, formats }: SectionTools, value: ReportValue): ReportSection {
  const hours = (tenths: bigint): string => formats.decimal(tenths, 1);
  const sentences = value.workflows.map((one) =>
    words.valueOf({
      workflow: one.workflow ?? words.noWorkflow,
      unit: one.unit,
      units: formats.count(one.units),
      cost: formats.cost(one.costNanoUsd),
      each: formats.costEach(one.costNanoUsd, one.units),
      minutes: shortDecimal(formats, one.minutesSavedPerUnit),
      hours: hours(one.tenthsOfHours),
      worth: formats.amount(one.worthMinor),
      hourly: formats.amount(one.hourlyWorthMinor),
    }),
  );
  if (value.workflows.length > 1) {
    sentences.push(
      words.valueOfAll(formats.amount(value.worthMinor), hours(value.tenthsOfHours), formats.cost(value.costNanoUsd)),
    );
  }
  return { id: 'value', title: words.valueTitle, sentences, figures: [], chart: null, table: null };
}

export function workflowsSection({ data, words, formats }: SectionTools): ReportSection {
  const row = (name: string, usage: Usage): string[] => [
    name,
    formats.count(usage.calls),
    successOf({ formats }, usage),
    formats.count(tokensOf(usage)),
    formats.cost(usage.costNanoUsd),
    formats.costEach(usage.costNanoUsd, usage.calls),
    formats.share(usage.costNanoUsd, data.total.costNanoUsd),
  ];
  const rows = byCost(data.workflows);
  const nameOf = ({ name }: { name: string | null }): string => name ?? words.noWorkflow;
  return {
    id: 'workflows',
    title: words.workflowsTitle,
    sentences: [words.rounding],
    figures: [],
    chart: costBars(
      words.workflowsChart,
      formats,
      rows.map((one) => ({ ...one, label: nameOf(one) })),
    ),
    table: {
      caption: words.workflowsTitle,
      columns: [
        text(words.workflow),
        number(words.calls),
        number(words.success),
        number(words.tokens),
        number(words.cost),
        number(words.costPerCall),
        number(words.share),
      ],
      rows: rows.map((one) => row(nameOf(one), one)),
      total: row(words.total, data.total),
    },
  };
}

export function modelsSection({ data, words, formats }: SectionTools): ReportSection {
  const rows = byCost(data.models);
  const row = (model: string, provider: string, usage: Usage): string[] => [
    model,
    provider,
    formats.count(usage.calls),
    formats.count(tokensOf(usage)),
    formats.cost(usage.costNanoUsd),
    formats.share(usage.costNanoUsd, data.total.costNanoUsd),
  ];
  return {
    id: 'models',
    title: words.modelsTitle,
    sentences: [],
    figures: [],
    chart: costBars(
      words.modelsChart,
      formats,
      rows.map((one) => ({ ...one, label: one.model })),
    ),
    table: {
      caption: words.modelsTitle,
      columns: [
        text(words.model),
        text(words.provider),
        number(words.calls),
        number(words.tokens),
        number(words.cost),
        number(words.share),
      ],
      rows: rows.map((one) => row(one.model, one.provider, one)),
      total: row(words.total, '', data.total),
    },
  };
}

export function monthsSection({ data, words, formats }: SectionTools): ReportSection {
  const months = everyMonth(data);
  return {
    id: 'months',
    title: words.monthsTitle,
    sentences: [],
    figures: [],
    chart: costColumns(
      words.monthsChart,
      formats,
      months.map((one) => ({ ...one, label: formats.month(one.month, 'short') })),
    ),
    table: {
      caption: words.monthsTitle,
      columns: [text(words.month), number(words.calls), number(words.success), number(words.cost)],
      rows: months.map((one) => [
        formats.month(one.month, 'long'),
        formats.count(one.calls),
        successOf({ formats }, one),
        formats.cost(one.costNanoUsd),
      ]),
      total: null,
    },
  };
}

export function daysSection({ data, words, formats }: SectionTools): ReportSection {
  const days = everyDay(data);
  return {
    id: 'days',
    title: words.daysTitle,
    sentences: [],
    figures: [],
    chart: costColumns(
      words.daysChart,
      formats,
      days.map((one) => ({ ...one, label: String(Number(one.day.slice(-2))) })),
    ),
    table: {
      caption: words.daysTitle,
      columns: [text(words.day), number(words.calls), number(words.failed), number(words.cost)],
      rows: days.map((one) => [
        formats.day(one.day),
        formats.count(one.calls),
        formats.count(one.failedCalls),
        formats.cost(one.costNanoUsd),
      ]),
      total: [
        words.total,
        formats.count(data.total.calls),
        formats.count(data.total.failedCalls),
        formats.cost(data.total.costNanoUsd),
      ],
    },
  };
}

export function qualitySection({ data, words, formats }: SectionTools): ReportSection {
  const { total, latency, counters } = data;
  const time = (ms: number | undefined): string => (ms === undefined ? words.noLatency : formats.duration(ms));
  return {
    id: 'quality',
    title: words.qualityTitle,
    sentences: latency === null ? [] : [words.latencyNote(formats.share(5n, 100n))],
    figures: [],
    chart: null,
    table: {
      caption: words.qualityTitle,
      columns: [text(words.figure), number(words.amount)],
      rows: [
        [words.calls, formats.count(total.calls)],
        [words.failed, formats.count(total.failedCalls)],
        [words.success, successOf({ formats }, total)],
        [words.inputTokens, formats.count(total.inputTokens)],
        [words.cachedTokens, formats.count(total.cachedInputTokens)],
        [words.outputTokens, formats.count(total.outputTokens)],
        [words.reasoningTokens, formats.count(total.reasoningTokens)],
        [words.tokensPerCall, tokensPerCall({ formats }, total)],
        [words.messages, formats.count(counters.messages)],
        [words.conversations, formats.count(counters.conversations)],
        [words.integrations, formats.count(counters.integrations)],
        [words.latencyMedian, time(latency?.p50Ms)],
        [words.latency95, time(latency?.p95Ms)],
        [words.latency99, time(latency?.p99Ms)],
      ],
      total: null,
    },
  };
}

export function budgetSection({ data, words, formats }: SectionTools): ReportSection {
  return {
    id: 'budget',
    title: words.budgetTitle,
    sentences: [data.budget.length === 0 ? words.noBudget : words.budgetNote],
    figures: [],
    chart: null,
    table:
      data.budget.length === 0
        ? null
        : {
            caption: words.budgetTitle,
            columns: [
              text(words.from),
              text(words.until),
              number(words.limit),
              number(words.charged),
              number(words.used),
            ],
            rows: data.budget.map(({ from, until, limitNanoUsd, chargedNanoUsd }) => [
              formats.date(from),
              // A period ends before its last instant: at midnight it is the day before.
              formats.date(new Date(until.getTime() - 1)),
              formats.cost(limitNanoUsd),
              formats.cost(chargedNanoUsd),
              formats.share(chargedNanoUsd, limitNanoUsd),
            ]),
            total: null,
          },
  };
}

interface Bar {
  readonly label: string;
  readonly costNanoUsd: bigint;
}

const byCost = <T extends Usage>(rows: readonly T[]): T[] =>
  rows.toSorted((a, b) => (a.costNanoUsd === b.costNanoUsd ? 0 : a.costNanoUsd < b.costNanoUsd ? 1 : -1));

const costBars = (label: string, formats: ReportFormats, bars: readonly Bar[]): ReportChart | null =>
  chart('bars', label, formats, bars.slice(0, MOST_BARS));

const costColumns = (label: string, formats: ReportFormats, bars: readonly Bar[]): ReportChart | null =>
  chart('columns', label, formats, bars);

/** Null: all are zero, there is nothing to see. */
function chart(
  kind: ReportChart['kind'],
  label: string,
  formats: ReportFormats,
  bars: readonly Bar[],
): ReportChart | null {
  const most = bars.reduce((max, { costNanoUsd }) => (costNanoUsd > max ? costNanoUsd : max), 0n);
  if (most === 0n) return null;
  return {
    kind,
    label,
    bars: bars.map((bar) => ({
      label: bar.label,
      text: formats.cost(bar.costNanoUsd),
      part: Number((bar.costNanoUsd * 100_000n) / most) / 100_000,
    })),
  };
}

/** "4.50" as "4.5". */
function shortDecimal(formats: ReportFormats, value: string): string {
  const { scaled, scale } = decimal(value.includes('.') ? value.replace(/\.?0+$/, '') : value);
  return formats.decimal(scaled, scale.toString().length - 1);
}
