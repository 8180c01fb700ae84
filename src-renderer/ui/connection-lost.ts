/** The line to the console broke while a call was open: whether the call had an effect is not known. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';
  constructor() {
    super('The line to the console broke before the answer came.');
  }
}
