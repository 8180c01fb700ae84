import type { DemoModel, DemoTenant, DemoWorkflow } from './demo-tenant.ts';

const GPT_4O: DemoModel = { provider: 'openai', model: 'gpt-4o', share: 0.6 };
const GPT_4O_MINI: DemoModel = { provider: 'openai', model: 'gpt-4o-mini', share: 0.4 };
const GPT_6_SOL: DemoModel = { provider: 'openai', model: 'gpt-6-sol', share: 0.5 };
const GPT_6_LUNA: DemoModel = { provider: 'openai', model: 'gpt-6-luna', share: 0.5 };
const SONNET: DemoModel = { provider: 'anthropic', model: 'claude-sonnet-5', share: 0.7 };
const HAIKU: DemoModel = { provider: 'anthropic', model: 'claude-haiku-4-5', share: 0.3 };
const OPUS: DemoModel = { provider: 'anthropic', model: 'claude-opus-5-5', share: 0.5 };
const GEMINI_FLASH: DemoModel = { provider: 'google', model: 'gemini-2.5-flash', share: 0.6 };
const GEMINI_LITE: DemoModel = { provider: 'google', model: 'gemini-2.5-flash-lite', share: 0.4 };

type Shape = Partial<Pick<DemoWorkflow, 'weight' | 'inputTokens' | 'outputTokens' | 'curve' | 'streaming'>>;

/** A workflow; what is not said is a chat of middle size in office hours, half of it streaming. */
function workflow(slug: string, name: string, models: readonly DemoModel[], shape: Shape = {}): DemoWorkflow {
  return {
    slug,
    name,
    models,
    weight: 1,
    inputTokens: 7_000,
    outputTokens: 700,
    curve: 'office',
    streaming: 0.5,
    ...shape,
  };
}

const longText: Shape = { inputTokens: 46_000, outputTokens: 5_500, streaming: 0.2 };
const shortText: Shape = { inputTokens: 9_000, outputTokens: 800 };
const chat: Shape = { inputTokens: 18_000, outputTokens: 1_200, streaming: 0.9, curve: 'evening' };

const INDIA = { currency: 'INR', timeZone: 'Asia/Kolkata' } as const;
const small = { callsPerSecond: 0.6, inputTokens: 150, outputTokens: 70 } as const;

/** Clinic B: the tenant whose story plays at every start. `live` is what its cap's headroom is reckoned from. */
export const CLINIC_B: DemoTenant = {
  slug: 'clinic-b',
  name: 'Clinic B',
  plan: 'pro',
  ...INDIA,
  periodBeganDaysAgo: 21,
  capShare: 0.97,
  weight: 0.9,
  growth: 0.04,
  workflows: [
    workflow('symptom-triage', 'Symptom triage', [SONNET, HAIKU], { ...chat, weight: 3 }),
    workflow('appointment-desk', 'Appointment desk', [HAIKU, SONNET], { ...shortText, weight: 3 }),
    workflow('records-summary', 'Records summary', [SONNET], { ...longText, weight: 0.5, curve: 'night' }),
    workflow('insurance-queries', 'Insurance queries', [SONNET, HAIKU]),
    workflow('follow-up', 'Follow-up messages', [HAIKU], { ...shortText, weight: 2, curve: 'evening' }),
  ],
  live: { callsPerSecond: 2, model: 'claude-sonnet-5', inputTokens: 380, outputTokens: 430 },
  asksFor: { amountUsd: '5.00', reason: 'Monsoon fever season: triage chats are twice as many as planned this week.' },
};

/** The tenants that every demo begins with: three that the documentation speaks of, nine others. */
export const THE_DOZEN: readonly DemoTenant[] = [
  {
    slug: 'salon-a',
    name: 'Salon A',
    plan: 'pro',
    ...INDIA,
    periodBeganDaysAgo: 18,
    capShare: 0.62,
    dayCapInMeanDays: 3,
    weight: 0.8,
    growth: 0.05,
    workflows: [
      workflow('booking-assistant', 'Booking assistant', [GPT_4O, GPT_4O_MINI], { ...chat, weight: 3 }),
      workflow('reminder-replies', 'Reminder replies', [GPT_4O_MINI], { ...shortText, weight: 2 }),
      workflow('style-advice', 'Style advice', [GPT_4O], chat),
    ],
    live: small,
  },
  CLINIC_B,
  {
    slug: 'agency-c',
    name: 'Agency C',
    plan: 'enterprise',
    ...INDIA,
    periodBeganDaysAgo: 12,
    capShare: 0.34,
    weight: 1.8,
    growth: 0.08,
    workflows: [
      workflow('content-generation', 'Content generation', [GPT_4O, GEMINI_FLASH], { ...longText, weight: 2 }),
      workflow('lead-scoring', 'Lead scoring', [GEMINI_LITE, GPT_4O], { ...shortText, weight: 4 }),
      workflow('ad-copy', 'Ad copy', [GPT_4O], { weight: 2 }),
      workflow('social-replies', 'Social replies', [GEMINI_LITE], { ...chat, weight: 3 }),
      workflow('report-writer', 'Report writer', [GPT_4O], { ...longText, curve: 'night', weight: 0.5 }),
    ],
    live: { ...small, callsPerSecond: 1.2 },
  },
  {
    slug: 'kaveri-logistics',
    name: 'Kaveri Logistics',
    plan: 'pro',
    ...INDIA,
    periodBeganDaysAgo: 24,
    capShare: 0.92,
    weight: 1.2,
    growth: 0.1,
    workflows: [
      workflow('shipment-status', 'Shipment status', [GPT_6_LUNA, GPT_6_SOL], { curve: 'always', weight: 4 }),
      workflow('customs-papers', 'Customs papers', [GPT_6_SOL], { ...longText, weight: 2 }),
      workflow('driver-desk', 'Driver desk', [GEMINI_FLASH], { ...chat, curve: 'always', weight: 2 }),
    ],
    live: { ...small, callsPerSecond: 0.8 },
  },
  {
    slug: 'lotus-stay',
    name: 'Lotus Stay Hotels',
    plan: 'enterprise',
    ...INDIA,
    capShare: 0.71,
    weight: 1.4,
    growth: 0.06,
    workflows: [
      workflow('guest-concierge', 'Guest concierge', [GPT_4O, GEMINI_FLASH], { ...chat, weight: 4, curve: 'always' }),
      workflow('review-answers', 'Review answers', [GPT_4O_MINI], { weight: 2 }),
      workflow('rate-research', 'Rate research', [GPT_6_SOL], { ...longText, curve: 'night', weight: 0.5 }),
      workflow('event-offers', 'Event offers', [GPT_4O]),
    ],
    live: { ...small, callsPerSecond: 0.9 },
  },
  {
    slug: 'vidya-tutors',
    name: 'Vidya Tutors',
    plan: 'pro',
    ...INDIA,
    capShare: 0.83,
    weight: 1.2,
    growth: 0.09,
    workflows: [
      workflow('doubt-solver', 'Doubt solver', [GPT_6_SOL, GPT_6_LUNA], { ...chat, outputTokens: 2_200, weight: 5 }),
      workflow('test-marking', 'Test marking', [GPT_6_LUNA], { ...longText, curve: 'night' }),
    ],
    live: { ...small, callsPerSecond: 0.9, outputTokens: 120 },
  },
  {
    slug: 'spice-route',
    name: 'Spice Route Kitchens',
    plan: 'pro',
    ...INDIA,
    capShare: 0.44,
    weight: 0.8,
    growth: 0.03,
    workflows: [
      workflow('order-bot', 'Order bot', [GPT_4O_MINI, GEMINI_LITE], { ...chat, weight: 4 }),
      workflow('menu-translation', 'Menu translation', [GPT_4O], { ...longText, weight: 0.3 }),
      workflow('complaint-desk', 'Complaint desk', [GPT_4O], chat),
    ],
    live: { ...small, callsPerSecond: 0.7 },
  },
  {
    slug: 'dharma-legal',
    name: 'Dharma Legal Associates',
    plan: 'enterprise',
    ...INDIA,
    periodBeganDaysAgo: 15,
    capShare: 0.55,
    weight: 0.5,
    growth: 0.05,
    workflows: [
      workflow('contract-review', 'Contract review', [OPUS, SONNET], { ...longText, inputTokens: 60_000 }),
      workflow('case-search', 'Case search', [SONNET], { weight: 2 }),
    ],
    live: { ...small, callsPerSecond: 0.3, model: 'claude-haiku-4-5' },
  },
  {
    slug: 'greenleaf-pharmacy',
    name: 'GreenLeaf Pharmacy',
    plan: 'pro',
    ...INDIA,
    capShare: 0.28,
    weight: 0.7,
    growth: 0.02,
    workflows: [
      workflow('prescription-intake', 'Prescription intake', [GPT_4O, GEMINI_FLASH], { weight: 2 }),
      workflow('stock-questions', 'Stock questions', [GEMINI_LITE, GPT_4O_MINI], { ...shortText, weight: 3 }),
      workflow('delivery-chat', 'Delivery chat', [GPT_4O_MINI], chat),
    ],
    live: small,
  },
  {
    slug: 'hudson-realty',
    name: 'Hudson Realty',
    plan: 'enterprise',
    currency: 'USD',
    timeZone: 'America/New_York',
    capShare: 0.66,
    weight: 1.1,
    growth: 0.06,
    workflows: [
      workflow('listing-writer', 'Listing writer', [GPT_4O, GPT_4O_MINI], { ...longText, weight: 1 }),
      workflow('lead-qualifier', 'Lead qualifier', [GPT_6_LUNA, GPT_6_SOL], { weight: 4 }),
      workflow('tenant-hotline', 'Tenant hotline', [GPT_4O_MINI], { ...chat, weight: 2, curve: 'always' }),
    ],
    live: { ...small, callsPerSecond: 0.8 },
  },
  {
    slug: 'spree-werkzeug',
    name: 'Spree Werkzeug GmbH',
    plan: 'pro',
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    capShare: 0.49,
    weight: 0.8,
    growth: 0.04,
    workflows: [
      workflow('ersatzteil-suche', 'Ersatzteilsuche', [GPT_4O_MINI, GPT_4O], { weight: 4 }),
      workflow('angebote', 'Angebote', [GPT_4O], { ...longText, weight: 0.6 }),
      workflow('service-hotline', 'Service-Hotline', [GEMINI_FLASH], chat),
    ],
    live: small,
  },
  {
    slug: 'himal-treks',
    name: 'Himal Treks',
    plan: 'free',
    currency: 'NPR',
    timeZone: 'Asia/Kathmandu',
    capShare: 0.77,
    weight: 0.5,
    growth: 0.07,
    workflows: [
      workflow('trek-planner', 'Trek planner', [GPT_4O_MINI, GPT_4O], { ...chat, weight: 2 }),
      workflow('permit-help', 'Permit help', [GPT_4O_MINI], shortText),
    ],
    live: { ...small, callsPerSecond: 0.3 },
  },
];
