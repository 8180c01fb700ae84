/**
 * The body of a native notification. On Linux most desktops read it as markup (freedesktop's notification specification, "Markup") and Electron passes
 * it on as it is: a client's name would draw a link or a picture. Others would show an escape as such, so angles become marks that mean nothing.
 */
export function notificationBody(body: string, platform: NodeJS.Platform): string {
  return platform === 'linux' ? body.replaceAll('<', '‹').replaceAll('>', '›') : body;
}
