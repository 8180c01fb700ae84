import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStartByLink, placeOfArguments, placeOfLink } from './tenant-link.ts';

const clinic = { kind: 'client', slug: 'clinic-b' };

describe('a link', () => {
  it('leads to a client by its short name, and Windows may end it with a slash', () => {
    expect(placeOfLink('tenantdesk://tenant/clinic-b')).toEqual(clinic);
    expect(placeOfLink('tenantdesk://tenant/clinic-b/')).toEqual(clinic);
    expect(placeOfLink(`tenantdesk://tenant/${'a'.repeat(63)}`)).toEqual({ kind: 'client', slug: 'a'.repeat(63) });
  });

  it.each([
    'tenantdesk://tenant/',
    'tenantdesk://tenant//clinic-b',
    'tenantdesk://tenant/clinic-b/approve',
    'tenantdesk://tenant/clinic-b?cap=1',
    'tenantdesk://tenant/clinic-b#x',
    'tenantdesk://tenant/clinic-b" --join /tmp/evil.json',
    'tenantdesk://tenant/clinic-b --no-sandbox',
    'tenantdesk://tenant/../inbox',
    'tenantdesk://tenant/%2e%2e%2finbox',
    'tenantdesk://tenant/Clinic-B',
    'tenantdesk://tenant/-clinic',
    `tenantdesk://tenant/${'a'.repeat(64)}`,
    'tenantdesk://tenant/clinic-b\n',
    'tenantdesk://tenant/clinic\0b',
    'tenantdesk://tenant/<img src=x onerror=alert(1)>',
    "tenantdesk://tenant/';drop table",
    'tenantdesk://tenant/ｃlinic',
    'tenantdesk://user@tenant/clinic-b',
    'tenantdesk://tenant:1/clinic-b',
    'tenantdesk://inbox/clinic-b',
    'tenantdesk:tenant/clinic-b',
    'TENANTDESK://tenant/clinic-b',
    'https://tenant/clinic-b',
    'javascript:alert(1)//tenantdesk://tenant/clinic-b',
    ' tenantdesk://tenant/clinic-b',
    '',
  ])('of another form leads nowhere: %j', (link) => {
    expect(placeOfLink(link)).toBeUndefined();
  });

  it('never leads to anything but a short name', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.string().map((text) => `tenantdesk://tenant/${text}`),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(hostile, (link) => {
        const place = placeOfLink(link);
        expect(place === undefined || (place.kind === 'client' && /^[a-z0-9][a-z0-9-]{0,62}$/.test(place.slug))).toBe(
          true,
        );
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the arguments of a start', () => {
  it('hand over the first good link, wherever it stands', () => {
    expect(placeOfArguments(['/usr/bin/tenantdesk', '--', 'tenantdesk://x', 'tenantdesk://tenant/clinic-b'])).toEqual(
      clinic,
    );
    expect(placeOfArguments(['/usr/bin/tenantdesk', '--join', 'x'])).toBeUndefined();
  });

  it('are those of a link also when the link is a bad one', () => {
    expect(isStartByLink(['tenantdesk', 'TenantDesk://evil', '--join', '/tmp/evil.json'])).toBe(true);
    expect(isStartByLink(['tenantdesk', '--', '--as', 'viewer'])).toBe(false);
  });
});
