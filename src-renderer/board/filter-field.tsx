import { useMemo, useState, type ReactNode, type RefObject } from 'react';
import { KeyHint } from '../ui/key-hint.tsx';
import { FILTER_WORDS, type BoardFilter } from './board-filter.ts';
import classes from './filter-field.module.css';

export interface FilterFieldProps {
  field: RefObject<HTMLInputElement | null>;
  text: string;
  filter: BoardFilter;
  onText: (text: string) => void;
  /** Escape in an empty field: back to the table. */
  onLeave: () => void;
}

/** The typed filter, with what can be typed shown while it has the focus and what it could not read below. */
export function FilterField({ field, text, filter, onText, onLeave }: FilterFieldProps): ReactNode {
  const [focused, setFocused] = useState(false);
  const typing = useMemo(() => text.split(/\s/).at(-1)?.toLowerCase() ?? '', [text]);
  const hints = FILTER_WORDS.filter(({ word }) => typing === '' || (word.startsWith(typing) && word !== typing));

  return (
    <div className={classes['field']} onFocus={() => setFocused(true)} onBlur={() => setFocused(false)}>
      <input
        ref={field}
        type="search"
        className={classes['input']}
        aria-label="Filter clients"
        aria-describedby="board-filter-help"
        aria-invalid={filter.problems.length > 0}
        placeholder="Filter: over:80 plan:pro refused clinic"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.preventDefault();
            event.stopPropagation();
            if (text === '') onLeave();
            else onText('');
          }
          if (event.key === 'Enter' || event.key === 'ArrowDown') {
            event.preventDefault();
            onLeave();
          }
        }}
      />
      {focused ? null : (
        <span className={classes['key']}>
          <KeyHint keys="/" />
        </span>
      )}
      <div
        id="board-filter-help"
        className={classes['help']}
        hidden={!focused && filter.problems.length === 0}
        aria-live="polite"
      >
        {filter.problems.map((problem) => (
          <p key={problem} className={classes['problem']}>
            {problem}
          </p>
        ))}
        {focused && hints.length > 0 ? (
          <ul className={classes['hints']}>
            {hints.map(({ word, example, says }) => (
              <li key={word}>
                <code>{example}</code> {says}
              </li>
            ))}
            {typing === '' ? (
              <li>
                <code>-plan:free</code> a minus turns a word around
              </li>
            ) : null}
          </ul>
        ) : null}
      </div>
    </div>
  );
}
