import { integerBetween, seededRandom, weightedPick } from '../seeded-random.ts';
import type { DemoTenant } from './demo-tenant.ts';
import { THE_DOZEN } from './the-dozen.ts';

const FIRST_WORDS =
  'Ananda Bharat Chandan Deccan Ekta Ganga Heritage Indus Jaipur Konark Laxmi Malabar Neel Orchid Prakash Rajdhani Sagar Tulsi Udaya Varuna Sahyadri Zaveri Coral Silver Monsoon Banyan Saffron Peacock Marigold Narmada';
const TRADES =
  'Dental|Motors|Textiles|Travels|Foods|Diagnostics|Interiors|Jewellers|Academy|Finance|Electronics|Estates|Organics|Fitness|Printers|Events|Packaging|Opticians|Stationers|Nursery|Couriers|Pharma|Studios|Furniture|Insurance|Solar|Bakery|Sports|Books|Seeds';
/** Told apart by these when the names have all been used. */
const CITIES = ['', ' Pune', ' Chennai', ' Surat', ' Kochi'];
const PLACES: readonly (readonly [currency: string, timeZone: string, weight: number])[] = [
  ['INR', 'Asia/Kolkata', 82],
  ['USD', 'America/New_York', 7],
  ['EUR', 'Europe/Berlin', 5],
  ['NPR', 'Asia/Kathmandu', 3],
  ['AED', 'Asia/Dubai', 3],
];

/** The first `count` demo tenants: the dozen, then as many plausible others as are wanted, always the same ones. */
export function demoTenants(count: number): DemoTenant[] {
  const tenants = THE_DOZEN.slice(0, count);
  for (let number = tenants.length; number < count; number += 1) tenants.push(inventTenant(number));
  return tenants;
}

/** A small client: workflows, prices and habits are those of one of the dozen. */
function inventTenant(number: number): DemoTenant {
  const random = seededRandom(`tenant ${number}`);
  const patterns = THE_DOZEN.filter(({ slug }) => slug !== 'clinic-b');
  const pattern = weightedPick(random, patterns, () => 1);
  const firstWords = FIRST_WORDS.split(' ');
  const trades = TRADES.split('|');
  const pair = number * 7;
  const first = firstWords[pair % firstWords.length] ?? '';
  const trade = trades[Math.floor(pair / firstWords.length) % trades.length] ?? '';
  const [currency, timeZone] = weightedPick(random, PLACES, ([, , weight]) => weight);
  return {
    slug: `${first}-${trade}-${number + 1}`.toLowerCase(),
    name: `${first} ${trade}${CITIES[Math.floor(number / (firstWords.length * trades.length))] ?? ''}`,
    plan: weightedPick(random, ['free', 'pro', 'enterprise'] as const, (plan) => (plan === 'pro' ? 6 : 2)),
    currency,
    timeZone,
    periodBeganDaysAgo: random() < 0.3 ? integerBetween(random, 3, 27) : undefined,
    capShare: 0.1 + 0.75 * random(),
    weight: 0.3 + random(),
    growth: 0.08 * random(),
    workflows: pattern.workflows.slice(0, integerBetween(random, 2, pattern.workflows.length)),
    live: { ...pattern.live, callsPerSecond: 0.005 + 0.035 * random() },
  };
}
