/** The page (by the preload) asks for its port; also the name under which it gets it. */
export const PORT_CHANNEL = 'tenantdesk:port';

/** The preload's one function in the page: `window.tenantdesk.askForPort()`. */
export const BRIDGE_NAME = 'tenantdesk';
