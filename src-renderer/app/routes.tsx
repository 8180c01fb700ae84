import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router';
import { readAuditSearch } from '../audit/audit-search.ts';
import { AuditEntriesRoute, AuditRoute, AuditVerifyRoute } from './audit-route.tsx';
import { BoardRoute } from './board-route.tsx';
import { InboxRoute } from './inbox-route.tsx';
import { Frame } from './frame.tsx';
import { IsolationRoute } from './isolation-route.tsx';
import { MarginsRoute } from './margins-route.tsx';
import { ReportsRoute } from './reports-route.tsx';
import { SettingsRoute } from './settings-route.tsx';
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

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  validateSearch: (search: Record<string, unknown>): { item?: string; alert?: string; show?: 'decided' } => ({
    ...(typeof search['item'] === 'string' ? { item: search['item'] } : {}),
    ...(typeof search['alert'] === 'string' ? { alert: search['alert'] } : {}),
    ...(search['show'] === 'decided' ? { show: 'decided' } : {}),
  }),
  component: InboxRoute,
});

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: readAuditSearch,
  component: AuditRoute,
});

function readMonthAndClient(search: Record<string, unknown>): { month?: string; client?: string } {
  const { month, client } = search;
  return {
    ...(typeof month === 'string' && /^20\d{2}-(0[1-9]|1[0-2])$/.test(month) ? { month } : {}),
    ...(typeof client === 'string' ? { client } : {}),
  };
}

/** A month and an opened client have an address too. */
const margins = createRoute({
  getParentRoute: () => root,
  path: '/margins',
  validateSearch: readMonthAndClient,
  component: MarginsRoute,
});

/** A month and the client whose report is shown have an address. */
const reports = createRoute({
  getParentRoute: () => root,
  path: '/reports',
  validateSearch: readMonthAndClient,
  component: ReportsRoute,
});

const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsRoute });

/** The audit page's tabs; their names stand in audit-route.tsx. */
const auditEntries = createRoute({ getParentRoute: () => audit, path: '/', component: AuditEntriesRoute });
const auditVerify = createRoute({ getParentRoute: () => audit, path: 'verify', component: AuditVerifyRoute });
const isolation = createRoute({ getParentRoute: () => audit, path: 'isolation', component: IsolationRoute });

const tree = root.addChildren([
  home,
  board.addChildren([boardClient]),
  inbox,
  margins,
  reports,
  settings,
  audit.addChildren([auditEntries, auditVerify, isolation]),
]);

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
