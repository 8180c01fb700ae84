const MEGABYTE = 1024 * 1024;

/** The provider sends more than the gateway keeps of one answer. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
  constructor(mostBytes: number) {
    super(`The answer is larger than ${mostBytes / MEGABYTE} MB.`);
  }
}
