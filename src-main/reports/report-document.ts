import type { ReportDocument } from '../contract/report-document.ts';
import type { TenantMonth } from '../contract/reports.ts';
import { brandColours } from './brand-colours.ts';
import { createReportFormats } from './report-formats.ts';
import {
  budgetSection,
  daysSection,
  modelsSection,
  monthsSection,
  qualitySection,
  successOf,
  tokensOf,
  tokensPerCall,
  valueSection,
  workflowsSection,
  type SectionTools,
} from './report-sections.ts';
import { reportValue, type ReportValue } from './report-value.ts';
import { reportWords } from './report-words.ts';

/**
 * The report of one tenant-month: the same dataset gives the same document, whoever asks and wherever it is drawn. It holds what the
 * dataset holds and nothing of the agency's own.
 */
export function reportDocument(data: TenantMonth): ReportDocument {
  const { brand, tenant } = data;
  const locale = knownLocale(brand.locale);
  const words = reportWords(locale);
  const currency = { code: tenant.currency, decimals: tenant.minorDigits };
  const formats = createReportFormats({
    locale,
    wordsLocale: localeOfWords(locale, words.language),
    currency,
    costCurrency: data.fx === null ? { code: 'USD', decimals: 2 } : currency,
    timeZone: tenant.timeZone,
    rate: data.fx,
  });
  const tools: SectionTools = { data, words, formats };
  const value = reportValue(data);
  return {
    language: words.language,
    brand: { name: brand.displayName, ...brandColours(brand.colour), logo: brand.logo, footer: brand.footer },
    title: words.title,
    period: formats.month(data.month, 'long'),
    notes: [
      ...(data.basis === 'running' ? [words.monthGoesOn(formats.instant(data.asOf))] : []),
      ...(data.total.calls === 0 ? [words.noCalls] : []),
    ],
    figures: keyFigures(tools, value),
    sections: [
      ...(value === null ? [] : [valueSection(tools, value)]),
      workflowsSection(tools),
      modelsSection(tools),
      monthsSection(tools),
      daysSection(tools),
      qualitySection(tools),
      budgetSection(tools),
    ],
    stampsTitle: words.stampsTitle,
    stamps: stamps(tools),
  };
}

function keyFigures({ data, words, formats }: SectionTools, value: ReportValue | null): ReportDocument['figures'] {
  const { total, latency } = data;
  const figure = (label: string, text: string, note: string | null = null) => ({ label, text, note });
  return [
    figure(words.cost, formats.cost(total.costNanoUsd)),
    figure(words.calls, formats.count(total.calls)),
    figure(
      words.success,
      successOf({ formats }, total),
      words.ofCalls(formats.count(total.failedCalls), formats.count(total.calls)),
    ),
    figure(words.costPerCall, formats.costEach(total.costNanoUsd, total.calls)),
    figure(
      words.tokens,
      formats.count(tokensOf(total)),
      `${words.tokensPerCall}: ${tokensPerCall({ formats }, total)}`,
    ),
    figure(
      words.latency,
      latency === null ? '—' : formats.duration(latency.p50Ms),
      latency === null ? words.noLatency : `${words.latency95}: ${formats.duration(latency.p95Ms)}`,
    ),
    ...(value === null
      ? []
      : [
          figure(words.valueFigure, formats.amount(value.worthMinor)),
          figure(words.hoursSaved, formats.decimal(value.tenthsOfHours, 1)),
        ]),
  ];
}

function stamps({ data, words, formats }: SectionTools): ReportDocument['stamps'] {
  const { fx, tenant } = data;
  const rate =
    fx !== null
      ? words.rateText(tenant.currency, fx.usdPerUnit, fx.date, fx.source)
      : tenant.currency === 'USD'
        ? words.inUsd
        : words.noRate(tenant.currency);
  return [
    { label: words.asOf, text: formats.instant(data.asOf) },
    { label: words.basis, text: data.basis === 'final' ? words.final : words.running },
    { label: words.zone, text: tenant.timeZone },
    { label: words.prices, text: data.priceVersions.join(', ') || words.noPrices },
    { label: words.rate, text: rate },
    { label: words.ledgerRows, text: formats.count(data.ledgerRows) },
  ];
}

/** One that Intl takes; a brand's locale may be older than the rule that checks it. */
function knownLocale(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en-IN';
  } catch {
    return 'en-IN';
  }
}

/** Dates belong to the words: a German client's English report says "3 October", not "3. Oktober". */
function localeOfWords(locale: string, language: string): string {
  const known = new Intl.Locale(locale).maximize();
  return known.language === language ? locale : `${language}-${known.region ?? '001'}`;
}
