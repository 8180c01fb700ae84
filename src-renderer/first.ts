import './csp.ts';

/** At the latest: a hidden window draws no frame. */
const NO_FRAME_MS = 50;

// What the document itself says is drawn before the program takes the thread.
const frame = new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
const late = new Promise((resolve) => setTimeout(resolve, NO_FRAME_MS));
void Promise.race([frame, late]).then(() => import('./main.tsx'));
