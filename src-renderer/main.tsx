import { styleNonce } from './csp.ts';
import '@fontsource-variable/inter/index.css';
import './ui/mantine-styles.ts';
import './ui/theme.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from './app/connect.ts';
import { ConsoleProvider } from './app/console-context.ts';
import { createWindowConsole } from './app/console.ts';
import { electronBridge, openElectronSocket } from './app/electron-port.ts';
import { createConsoleRouter } from './app/routes.tsx';
import { cssVariables, theme } from './app/theme.ts';

const url = new URL('/rpc', window.location.href);
url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
url.hash = '';

const bridge = electronBridge(window);

const console = createWindowConsole({
  connection: connect({
    url: url.href,
    openSocket: bridge && (() => openElectronSocket(bridge, window)),
  }),
  newKey: () => crypto.randomUUID(),
  nowMs: () => performance.now(),
  signal: new AbortController().signal,
});
const router = createConsoleRouter();
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
        <QueryClientProvider client={console.queries}>
          <ConsoleProvider value={console}>
            <RouterProvider router={router} />
          </ConsoleProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
