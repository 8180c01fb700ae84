import type { ReactNode } from 'react';
import { StatePanel } from '../ui/state-panel.tsx';

/** A window of a signed-in browser that no one-time address opened: it has no key, so the console does not answer it. */
export function StrayWindow(): ReactNode {
  return (
    <StatePanel kind="error" title="The console does not know this window">
      It answers only windows that were opened by a one-time address. A fresh one stands where TenantDesk was started.
    </StatePanel>
  );
}
