import { styleNonce } from './csp.ts';
import '@fontsource-variable/inter/index.css';
import './ui/mantine-styles.ts';
import './ui/theme.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { ConsoleAccess } from '../src-main/contract/profiles.ts';
import { connect } from './app/connect.ts';
import { ConsoleProvider } from './app/console-context.ts';
import { createWindowConsole } from './app/console.ts';
import { electronBridge, openElectronSocket } from './app/electron-port.ts';
import { follow } from './app/follow.ts';
import { createGate } from './app/gate.ts';
import { createConsoleRouter } from './app/routes.tsx';
import { cssVariables, theme } from './app/theme.ts';
import { StrayWindow } from './app/stray-window.tsx';
import { WindowFrame } from './app/window-frame.tsx';
import { takeWindowKey } from './app/window-key.ts';
import { createLiveValue } from './ui/live-value.ts';

const url = new URL('/rpc', window.location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
url.hash = '';

const bridge = electronBridge(window);
// Before anything reads the address: the routes live behind its # as well.
const windowKey = bridge ? null : takeWindowKey(window);

const stray = !bridge && windowKey === null;

// A stray window asks for nothing: nobody would answer.
const forGood = stray ? AbortSignal.abort() : new AbortController().signal;
const connection = connect({
  url: url.href,
  openSocket: bridge ? () => openElectronSocket(bridge, window) : (to) => new WebSocket(to, `tenantdesk.${windowKey}`),
});
const { client } = connection;
const access = createLiveValue<ConsoleAccess | null>(null);
void follow((options) => client.profiles.watch(undefined, options), access.set, { signal: forGood });
const shown = createGate({
  access,
  open: () => ({
    console: createWindowConsole({
      connection,
      access,
      newKey: () => crypto.randomUUID(),
      nowMs: () => performance.now(),
      signal: forGood,
    }),
    router: createConsoleRouter(),
  }),
  reload(elsewhere) {
    if (elsewhere) window.location.hash = '';
    window.location.reload();
  },
});
const place = document.querySelector('#root');

if (place) {
  createRoot(place).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={() => styleNonce}
      >
        {stray ? (
          <StrayWindow />
        ) : (
          <WindowFrame
            place={shown}
            client={client}
            render={({ console, router }) => (
              <QueryClientProvider client={console.queries}>
                <ConsoleProvider value={console}>
                  <RouterProvider router={router} />
                </ConsoleProvider>
              </QueryClientProvider>
            )}
          />
        )}
      </MantineProvider>
    </StrictMode>,
  );
}
