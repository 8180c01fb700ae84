import { expect, it } from 'vitest';
import { notificationBody } from './notification-text.ts';

it('has no markup where desktops would draw it, and is the text itself elsewhere', () => {
  const body = '<a href="https://evil.test">Clinic</a> & Co <img src="file:///etc/passwd"> asks for more';
  expect(notificationBody(body, 'linux')).toBe(
    '‹a href="https://evil.test"›Clinic‹/a› & Co ‹img src="file:///etc/passwd"› asks for more',
  );
  expect(notificationBody(body, 'darwin')).toBe(body);
  expect(notificationBody('Clinic B is at its cap.', 'linux')).toBe('Clinic B is at its cap.');
});
