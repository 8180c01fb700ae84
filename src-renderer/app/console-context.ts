import { createContext, useContext } from 'react';
import type { Console } from './console.ts';

const ConsoleContext = createContext<Console | null>(null);

export const ConsoleProvider = ConsoleContext.Provider;

/** The window's console; for the routes of app/ alone, everything else gets what it needs as props. */
export function useConsole(): Console {
  const console = useContext(ConsoleContext);
  if (!console) throw new Error('A route was drawn outside the ConsoleProvider.');
  return console;
}
