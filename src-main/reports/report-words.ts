import { HINDI } from './report-words-hi.ts';

/** Every word of a report; figures come in as finished texts. */
export interface ReportWords {
  readonly language: string;
  readonly title: string;
  readonly monthGoesOn: (asOf: string) => string;
  readonly noCalls: string;
  /** The rounded amounts of a column need not add up to the total. */
  readonly rounding: string;
  readonly cost: string;
  readonly costPerCall: string;
  readonly calls: string;
  readonly failed: string;
  readonly success: string;
  readonly tokens: string;
  readonly tokensPerCall: string;
  readonly share: string;
  readonly total: string;
  readonly workflow: string;
  /** Calls that named none. */
  readonly noWorkflow: string;
  readonly model: string;
  readonly provider: string;
  readonly month: string;
  readonly day: string;
  readonly ofCalls: (failed: string, calls: string) => string;
  readonly valueTitle: string;
  readonly valueFigure: string;
  readonly hoursSaved: string;
  readonly valueOf: (facts: ValueTexts) => string;
  readonly valueOfAll: (worth: string, hours: string, cost: string) => string;
  readonly workflowsTitle: string;
  readonly workflowsChart: string;
  readonly modelsTitle: string;
  readonly modelsChart: string;
  readonly monthsTitle: string;
  readonly monthsChart: string;
  readonly daysTitle: string;
  readonly daysChart: string;
  readonly qualityTitle: string;
  readonly latency: string;
  readonly latencyMedian: string;
  readonly latency95: string;
  readonly latency99: string;
  readonly latencyNote: (percent: string) => string;
  readonly noLatency: string;
  readonly figure: string;
  readonly amount: string;
  readonly inputTokens: string;
  readonly cachedTokens: string;
  readonly outputTokens: string;
  readonly reasoningTokens: string;
  readonly messages: string;
  readonly conversations: string;
  readonly integrations: string;
  readonly budgetTitle: string;
  readonly noBudget: string;
  readonly budgetNote: string;
  readonly from: string;
  readonly until: string;
  readonly limit: string;
  readonly charged: string;
  readonly used: string;
  readonly stampsTitle: string;
  readonly asOf: string;
  readonly basis: string;
  readonly final: string;
  readonly running: string;
  readonly zone: string;
  readonly rate: string;
  readonly rateText: (unit: string, usd: string, date: string, source: string) => string;
  readonly inUsd: string;
  readonly noRate: (currency: string) => string;
  readonly prices: string;
  readonly noPrices: string;
  readonly ledgerRows: string;
  /** "Page 2 of 6", with the two numbers where the printer puts them. */
  readonly page: readonly [before: string, between: string, after: string];
}

export interface ValueTexts {
  readonly workflow: string;
  readonly unit: string;
  readonly units: string;
  readonly cost: string;
  readonly each: string;
  readonly minutes: string;
  readonly hours: string;
  readonly worth: string;
  readonly hourly: string;
}

const ENGLISH: ReportWords = {
  language: 'en',
  title: 'AI usage report',
  monthGoesOn: (asOf) => `The month is not over: these are its figures as of ${asOf}.`,
  noCalls: 'There were no calls in this month.',
  rounding: 'Each amount is rounded by itself, the total too: a column may differ from it in the last digit.',
  cost: 'Cost',
  costPerCall: 'Cost per call',
  calls: 'Calls',
  failed: 'Failed',
  success: 'Success rate',
  tokens: 'Tokens',
  tokensPerCall: 'Tokens per call',
  share: 'Share of cost',
  total: 'Total',
  workflow: 'Workflow',
  noWorkflow: 'Calls outside any workflow',
  model: 'Model',
  provider: 'Provider',
  month: 'Month',
  day: 'Day',
  ofCalls: (failed, calls) => `${failed} of ${calls} calls failed`,
  valueTitle: 'What it was worth',
  valueFigure: 'Worth of the work',
  hoursSaved: 'Hours saved',
  valueOf: ({ workflow, unit, units, cost, each, minutes, hours, worth, hourly }) =>
    `${workflow}: ${units} ${unit} for ${cost}, which is ${each} each. At ${minutes} minutes of work saved by each, ` +
    `that is ${hours} hours, worth ${worth} at ${hourly} an hour.`,
  valueOfAll: (worth, hours, cost) => `Together: ${hours} hours of work, worth ${worth}, for ${cost} of AI.`,
  workflowsTitle: 'By workflow',
  workflowsChart: 'Cost by workflow',
  modelsTitle: 'By model',
  modelsChart: 'Cost by model',
  monthsTitle: 'Month by month',
  monthsChart: 'Cost by month',
  daysTitle: 'Day by day',
  daysChart: 'Cost by day',
  qualityTitle: 'Calls, tokens, response times',
  latency: 'Response time',
  latencyMedian: 'Response time, half of the calls within',
  latency95: 'Response time, 95 % of the calls within',
  latency99: 'Response time, 99 % of the calls within',
  latencyNote: (percent) => `Response times are exact to ${percent}.`,
  noLatency: 'not measured',
  figure: 'Figure',
  amount: 'Number',
  inputTokens: 'Input tokens',
  cachedTokens: 'of them read from a cache',
  outputTokens: 'Output tokens',
  reasoningTokens: 'of them for reasoning',
  messages: 'Messages',
  conversations: 'Conversations',
  integrations: 'Calls of integrations',
  budgetTitle: 'Budget',
  noBudget: 'No budget was set for this month.',
  budgetNote: 'Calls above the limit are refused before they cost anything.',
  from: 'From',
  until: 'Until',
  limit: 'Limit',
  charged: 'Used',
  used: 'Part used',
  stampsTitle: 'About these figures',
  asOf: 'Data as of',
  basis: 'Month',
  final: 'complete',
  running: 'not over yet',
  zone: 'Days and months in',
  rate: 'Exchange rate',
  rateText: (unit, usd, date, source) => `1 ${unit} = ${usd} USD on ${date} (${source})`,
  inUsd: 'none: amounts are in USD',
  noRate: (currency) => `no rate for ${currency} is known: amounts are in USD`,
  prices: 'Price book',
  noPrices: 'none: no call was charged',
  ledgerRows: 'Calls in the ledger',
  page: ['Page ', ' of ', ''],
};

/** The words of the language that the locale names; English where there are none in it. */
export function reportWords(locale: string): ReportWords {
  return /^hi\b/i.test(locale) ? HINDI : ENGLISH;
}
