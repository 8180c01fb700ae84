const WORDS = (
  'the client asked about an appointment next week so we checked the calendar and found two open slots one in the morning ' +
  'and one after lunch please confirm which of them suits you best and whether you need a reminder on the day before the ' +
  'price stays as agreed and includes the first consultation our team is happy to help with anything else you may need'
).split(' ');

/** `count` words from position `from` on, each with its space: a token each, as the pretend model counts. */
export function answerWords(from: number, count: number): string {
  let text = '';
  for (let index = from; index < from + count; index += 1) {
    text += `${index === 0 ? '' : ' '}${WORDS[index % WORDS.length] ?? ''}`;
  }
  return text;
}
