/**
 * All that the window has of Electron: it may ask for its port. The port comes as a message of its own document, because
 * ports cannot pass the bridge; no event and no other object of Electron crosses over.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE_NAME, PORT_CHANNEL } from './port-names.ts';

/** The page's window, of which this file, compiled with the main side, needs one function. */
declare const window: { postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void };

ipcRenderer.on(PORT_CHANNEL, ({ ports }) => window.postMessage(PORT_CHANNEL, '*', ports));
contextBridge.exposeInMainWorld(BRIDGE_NAME, { askForPort: () => ipcRenderer.send(PORT_CHANNEL) });
