/**
 * Brands of the dozen demo clients, and what the work of their workflows spares them, entered by the functions that an admin uses. The
 * facts are invented, as a client would state them.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { tenantId, workflowId } from '../register-platform.ts';
import type { DemoTenant } from './demo-tenant.ts';
import { markPng } from './mark-png.ts';

/** What a unit is called, minutes it saves. */
type Value = readonly [unit: string, minutes: string];

interface DemoBrand {
  readonly colour: string;
  readonly footer: string;
  readonly locale: string;
  /** Worth of an hour in the client's currency, in its minor unit. */
  readonly hourMinor: number;
  readonly values: Readonly<Record<string, Value>>;
}

const BRANDS: Readonly<Record<string, DemoBrand>> = {
  'salon-a': {
    colour: '#9c2f6b',
    footer: 'Salon A, Bandra West, Mumbai',
    locale: 'en-IN',
    hourMinor: 25_000,
    values: {
      'booking-assistant': ['bookings arranged', '6'],
      'reminder-replies': ['reminders answered', '2'],
      'style-advice': ['questions answered', '4'],
    },
  },
  'clinic-b': {
    colour: '#0f766e',
    footer: 'Clinic B, Indiranagar, Bengaluru',
    locale: 'en-IN',
    hourMinor: 60_000,
    values: {
      'symptom-triage': ['patients triaged', '7.5'],
      'appointment-desk': ['appointments handled', '4'],
      'records-summary': ['records summarised', '18'],
      'insurance-queries': ['insurance queries answered', '9'],
      'follow-up': ['follow-ups sent', '3'],
    },
  },
  'agency-c': {
    colour: '#4338ca',
    footer: 'Agency C, Pune',
    locale: 'en-IN',
    hourMinor: 80_000,
    values: {
      'content-generation': ['drafts written', '25'],
      'lead-scoring': ['leads scored', '3'],
      'ad-copy': ['texts written', '8'],
      'social-replies': ['replies sent', '2'],
      'report-writer': ['reports written', '40'],
    },
  },
  'kaveri-logistics': {
    colour: '#1d4ed8',
    footer: 'Kaveri Logistics, Chennai',
    locale: 'en-IN',
    hourMinor: 35_000,
    values: { 'shipment-status': ['status questions answered', '3'], 'customs-papers': ['papers prepared', '22'] },
  },
  'lotus-stay': {
    colour: '#a16207',
    footer: 'Lotus Stay Hotels, Jaipur',
    locale: 'hi-IN',
    hourMinor: 40_000,
    values: { 'guest-concierge': ['guests answered', '4'], 'review-answers': ['reviews answered', '5'] },
  },
  'vidya-tutors': {
    colour: '#6d28d9',
    footer: 'Vidya Tutors, Kota',
    locale: 'hi-IN',
    hourMinor: 45_000,
    values: { 'doubt-solver': ['doubts solved', '8'], 'test-marking': ['tests marked', '12'] },
  },
  'spice-route': {
    colour: '#b91c1c',
    footer: 'Spice Route Kitchens, Kochi',
    locale: 'en-IN',
    hourMinor: 22_000,
    values: { 'order-bot': ['orders taken', '3.5'], 'complaint-desk': ['complaints answered', '7'] },
  },
  'dharma-legal': {
    colour: '#334155',
    footer: 'Dharma Legal Associates, New Delhi',
    locale: 'en-IN',
    hourMinor: 250_000,
    values: { 'contract-review': ['contracts reviewed', '35'], 'case-search': ['searches made', '15'] },
  },
  'greenleaf-pharmacy': {
    colour: '#15803d',
    footer: 'GreenLeaf Pharmacy, Hyderabad',
    locale: 'en-IN',
    hourMinor: 30_000,
    values: { 'prescription-intake': ['prescriptions read', '6'], 'stock-questions': ['questions answered', '2'] },
  },
  'hudson-realty': {
    colour: '#0e7490',
    footer: 'Hudson Realty, New York',
    locale: 'en-US',
    hourMinor: 4_500,
    values: { 'listing-writer': ['listings written', '30'], 'lead-qualifier': ['leads qualified', '5'] },
  },
  'spree-werkzeug': {
    colour: '#c2410c',
    footer: 'Spree Werkzeug GmbH, Berlin',
    locale: 'de-DE',
    hourMinor: 4_200,
    values: { 'ersatzteil-suche': ['Teile gefunden', '6'], 'service-hotline': ['Anfragen beantwortet', '5'] },
  },
  'himal-treks': {
    colour: '#0369a1',
    footer: 'Himal Treks, Kathmandu',
    locale: 'en-IN',
    hourMinor: 50_000,
    values: { 'trek-planner': ['treks planned', '20'], 'permit-help': ['permits explained', '6'] },
  },
};
const REASON = 'Demonstration';

/** Enters what is missing: a brand and values for each of the tenants that never had one. */
export async function enterDemoBrands(admin: Client, tenants: readonly DemoTenant[]): Promise<void> {
  const wanted = tenants.flatMap(({ slug, name }) => {
    const brand = BRANDS[slug];
    return brand === undefined ? [] : [{ slug, name, brand }];
  });
  const known = await admin.query<{ id: string }>(
    `select tenant_id as id from platform.brandings union select workflow_id from platform.workflow_values`,
  );
  const there = new Set(known.rows.map(({ id }) => id));
  const brands = wanted
    .filter(({ slug }) => !there.has(tenantId(slug)))
    .map(({ slug, name, brand: { colour, footer, locale } }) => ({
      tenant_id: tenantId(slug),
      branding: { displayName: name, colour, footer, locale, logo: markPng(colour, slug).toString('base64') },
      key: randomUUID(),
    }));
  await admin.query(
    `select platform.set_branding(b.tenant_id, b.branding, null, b.key, $2)
     from jsonb_to_recordset($1::jsonb) as b (tenant_id uuid, branding jsonb, key uuid)`,
    [JSON.stringify(brands), REASON],
  );
  const values = wanted.flatMap(({ slug, brand }) =>
    Object.entries(brand.values)
      .filter(([workflow]) => !there.has(workflowId(slug, workflow)))
      .map(([workflow, [unit, minutesSaved]]) => ({
        tenant_id: tenantId(slug),
        workflow_id: workflowId(slug, workflow),
        value: { unit, minutesSaved, hourlyWorthMinor: brand.hourMinor },
        key: randomUUID(),
      })),
  );
  await admin.query(
    `select platform.set_workflow_value(v.tenant_id, v.workflow_id, v.value, null, v.key, $2)
     from jsonb_to_recordset($1::jsonb) as v (tenant_id uuid, workflow_id uuid, value jsonb, key uuid)`,
    [JSON.stringify(values), REASON],
  );
}
