import { useEffect, useId, useRef, useState } from 'preact/hooks';
import controls from '../style/controls.module.css';
import styles from './combobox.module.css';

/** One choice of a combobox. */
export interface Choice {
  value: string;
  /** A note that is shown beside the value. */
  note?: string;
}

/** Choices are requested only after a person has not typed for this long. */
const TYPING_MS = 150;

/** A field that suggests values while a person types. It implements ARIA's combobox pattern. */
export function Combobox({
  label,
  placeholder,
  find,
  onChoose,
  isFocused = false,
  isFree = false,
}: {
  label: string;
  placeholder: string;
  find: (search: string, signal: AbortSignal) => Promise<Choice[]>;
  onChoose: (value: string) => void;
  isFocused?: boolean;
  /** Whether a value that is not in the list can be chosen, too. */
  isFree?: boolean;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [search, setSearch] = useState('');
  const [choices, setChoices] = useState<Choice[]>([]);
  const [isOpen, setOpen] = useState(isFocused);
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
            setChoices(found);
            setActive(0);
          },
          () => undefined,
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
    } else if (event.key === 'Escape' && isOpen && choices.length > 0) {
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
        onInput={(event) => {
          setSearch(event.currentTarget.value);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <ul
        id={`${id}-list`}
        class={styles.list}
        role="listbox"
        aria-label={label}
        hidden={!isOpen || choices.length === 0}
      >
        {choices.map((choice, index) => (
          <li
            key={choice.value}
            id={`${id}-${index}`}
            class={styles.choice}
            role="option"
            aria-selected={index === active}
            // Without this, the field would lose the focus and close the list before the click.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(choice.value)}
          >
            <span class={styles.value}>{choice.value === '' ? '(none)' : choice.value}</span>
            {choice.note !== undefined && <span class={controls.muted}>{choice.note}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}
