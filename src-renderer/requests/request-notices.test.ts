import { expect, test } from 'vitest';
import type { InboxItem } from '../../src-main/contract/requests.ts';
import { inboxItem } from './inbox-item.fixture.ts';
import { createRequestNotices } from './request-notices.ts';

const asOf = new Date(0);

test('tells once of what newly waits for this operator', () => {
  const told: string[] = [];
  let looking = false;
  const notices = createRequestNotices(
    ({ itemId }) => told.push(itemId),
    () => looking,
    (item) => ({ title: item.tenantName, body: '' }),
  );
  const hear = (...items: InboxItem[]): void => notices.hear({ items, asOf });
  notices.hear({ items: [], asOf: null });
  hear(inboxItem({ id: 'old' }));
  hear(inboxItem({ id: 'old' }), inboxItem({ id: 'new' }));
  hear(
    inboxItem({ id: 'old' }),
    inboxItem({ id: 'new' }),
    inboxItem({ id: 'not mine', whyNot: 'You asked yourself.' }),
  );
  looking = true;
  hear(inboxItem({ id: 'new' }), inboxItem({ id: 'seen' }));
  looking = false;
  hear(inboxItem({ id: 'new' }), inboxItem({ id: 'seen' }));
  expect(told).toEqual(['new']);
});
