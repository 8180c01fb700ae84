import type { IpcMainEvent, WebContents, WebFrameMain } from 'electron';

type Sender = Pick<IpcMainEvent, 'sender' | 'senderFrame'>;

/** Senders that must get nothing, each by one thing wrong with it; `answered` is called when its frame is sent something. */
export function strangersOf(
  contents: object,
  id: number,
): readonly (readonly [who: string, stranger: (answered: () => void) => Sender])[] {
  const ours = contents as WebContents;
  const frame = (wrong: Partial<Pick<WebFrameMain, 'parent' | 'detached' | 'origin'>>, answered: () => void) =>
    ({
      parent: null,
      detached: false,
      origin: 'app://console',
      postMessage: answered,
      ...wrong,
    }) as unknown as WebFrameMain;
  return [
    [
      'the page of another window',
      (answered) => ({ sender: { id: id + 1_000 } as WebContents, senderFrame: frame({}, answered) }),
    ],
    [
      'a frame in the page',
      (answered) => ({ sender: ours, senderFrame: frame({ parent: frame({}, answered) }, answered) }),
    ],
    ['a frame that is gone', (answered) => ({ sender: ours, senderFrame: frame({ detached: true }, answered) })],
    ...['https://evil.example', 'app://print', 'app://console.evil.example', 'app://consol', 'null', ''].map(
      (origin) =>
        [
          `a page of '${origin}'`,
          (answered: () => void): Sender => ({ sender: ours, senderFrame: frame({ origin }, answered) }),
        ] as const,
    ),
    ['nobody', () => ({ sender: ours, senderFrame: null })],
  ];
}
