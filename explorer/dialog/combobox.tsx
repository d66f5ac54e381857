import { useEffect, useId, useRef, useState } from 'preact/hooks';
import controls from '../style/controls.module.css';
import styles from './combobox.module.css';

/** One choice of a combobox. */
export interface Choice {
  value: string;
  /** A note that is shown beside the value. */
  note?: string;
}

/** The choices for what a person has typed. */
export interface Found {
  choices: readonly Choice[];
  /** The number of all matching choices, of which only some may be listed. */
  total: number;
}

/** Maximum number of characters that the server searches for. */
const LONGEST_SEARCH = 200;

/** Choices are requested once nothing has been typed for this long. */
const TYPING_MS = 50;

/** A field that suggests values while a person types. It implements ARIA's combobox pattern. */
export function Combobox({
  label,
  placeholder,
  find,
  onChoose,
  isFocused = false,
  isFree = false,
  isInline = false,
}: {
  label: string;
  placeholder: string;
  find: (search: string, signal: AbortSignal) => Promise<Found>;
  onChoose: (value: string) => void;
  isFocused?: boolean;
  /** Whether a person can also choose a value that is not in the list. */
  isFree?: boolean;
  /**
   * Whether the list is a part of a dialog and always open. If it closed, the content below it would move away from the pointer.
   */
  isInline?: boolean;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState('');
  const [{ choices }, setFound] = useState<Found>({ choices: [], total: 0 });
  const [note, setNote] = useState('');
  const [isOpen, setOpen] = useState(isFocused || isInline);
  const [active, setActive] = useState(0);

  useEffect(() => {
    if (isFocused) input.current?.focus();
  }, []);
  useEffect(() => {
    if (!isOpen) return undefined;
    const controller = new AbortController();
    const timer = setTimeout(
      () => {
        find(search, controller.signal).then(
          (found) => {
            setFound(found);
            setNote(noteOf(found, search));
            setActive(0);
          },
          (error: Error) => {
            if (!controller.signal.aborted) setNote(error.message);
          },
        );
      },
      search === '' ? 0 : TYPING_MS,
    );
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [search, isOpen]);

  const choose = (value: string) => {
    setOpen(false);
    setSearch('');
    onChoose(value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((now) => (choices.length === 0 ? 0 : (now + step + choices.length) % choices.length));
    } else if (event.key === 'Enter') {
      const chosen = choices[active]?.value;
      if (isOpen && chosen !== undefined) choose(chosen);
      else if (isFree && search !== '') choose(search);
    } else if (event.key === 'Escape' && !isInline && isOpen && choices.length > 0) {
      setOpen(false);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class={styles.combobox}>
      <input
        ref={input}
        class={controls.input}
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen && choices.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && choices.length > 0 ? `${id}-${active}` : undefined}
        placeholder={placeholder}
        value={search}
        autocomplete="off"
        spellcheck={false}
        maxLength={isFree ? undefined : LONGEST_SEARCH}
        onInput={(event) => {
          setSearch(event.currentTarget.value);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(isInline)}
        onKeyDown={onKeyDown}
      />
      <div class={styles.popup} hidden={!isOpen || (choices.length === 0 && note === '')}>
        <ul id={`${id}-list`} class={styles.list} role="listbox" aria-label={label} hidden={choices.length === 0}>
          {choices.map((choice, index) => (
            <li
              key={choice.value}
              id={`${id}-${index}`}
              class={styles.choice}
              role="option"
              aria-selected={index === active}
              // Without this, the field would lose the focus and close the list before the click.
              onPointerDown={(event) => event.preventDefault()}
              // Only one choice is marked, which is the one that a click or Enter would choose.
              onPointerMove={() => setActive(index)}
              onClick={() => choose(choice.value)}
            >
              <span class={styles.value}>{choice.value === '' ? '(none)' : choice.value}</span>
              {choice.note !== undefined && <span class={controls.muted}>{choice.note}</span>}
            </li>
          ))}
        </ul>
        <p class={styles.note} role="status">
          {note}
        </p>
      </div>
    </div>
  );
}

/** Says how many of the matching choices are listed if some are not, or that there are none. */
function noteOf({ choices, total }: Found, search: string): string {
  if (total === 0) return search === '' ? 'There is nothing yet.' : 'Nothing matches.';
  if (total <= choices.length) return '';
  return `${choices.length.toLocaleString('en')} of ${total.toLocaleString('en')} are listed. Type to find others.`;
}
