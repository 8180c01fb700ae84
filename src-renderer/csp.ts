import { setNonce } from 'get-nonce';
import { config as configureZod } from 'zod/v4/core';

interface TrustedTypesLike {
  trustedTypes?: {
    createPolicy(name: string, rules: { createHTML: (text: string) => string | undefined }): unknown;
  };
}

/**
 * The nonce of this answer of the page. Must be read before any part of the screen draws: this module is the first
 * import of first.ts. Without it Mantine's style sheets and the scroll lock of dialogs are blocked by the CSP.
 */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

setNonce(styleNonce);

// It would try to make a function from text; the policy refuses that and reports an attack.
configureZod({ jitless: true });

// Mantine sets its style sheets by innerHTML. The only strings that may pass are those without markup.
const page: TrustedTypesLike = window as TrustedTypesLike;
page.trustedTypes?.createPolicy('default', { createHTML: (text) => (text.includes('<') ? undefined : text) });

// Before the first paint, so that a window in the dark theme doesn't flash white.
const chosen = localStorage.getItem('mantine-color-scheme-value');
const dark = chosen === 'dark' || (chosen !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.dataset['mantineColorScheme'] = dark ? 'dark' : 'light';
