import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router';
import { AuditRoute } from './audit-route.tsx';
import { BoardRoute } from './board-route.tsx';
import { Frame } from './frame.tsx';
import { NoSuchPage, PageFault } from './page-fault.tsx';

const root = createRootRoute({ component: Frame });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/board', replace: true });
  },
});

const board = createRoute({ getParentRoute: () => root, path: '/board', component: BoardRoute });

/** The same board with a client's panel open, so that it has an address. */
const boardClient = createRoute({
  getParentRoute: () => board,
  path: '$tenantId',
  validateSearch: (search: Record<string, unknown>): { tab?: string } =>
    typeof search['tab'] === 'string' ? { tab: search['tab'] } : {},
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): { client?: string } =>
    typeof search['client'] === 'string' ? { client: search['client'] } : {},
  component: AuditRoute,
});

const tree = root.addChildren([home, board.addChildren([boardClient]), audit]);

/** The window's pages, addressed behind the #: the same under http and app://. */
export function createConsoleRouter(history: RouterHistory = createHashHistory()) {
  return createRouter({
    routeTree: tree,
    history,
    defaultNotFoundComponent: NoSuchPage,
    defaultErrorComponent: PageFault,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
