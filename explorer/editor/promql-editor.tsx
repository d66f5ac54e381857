import { useEffect, useRef, useState } from 'preact/hooks';
import type { PromqlCode } from './promql-code.js';
import styles from './promql-editor.module.css';

/**
 * A field for PromQL. The code of the editor is larger than that of the rest of the page, so it is loaded later. Until then, or
 * if loading fails, the field is a plain text field.
 */
export function PromqlEditor({
  given,
  onChange,
}: {
  /** The text to show. A new value replaces what was typed; typing only calls `onChange`. */
  given: string;
  onChange: (text: string) => void;
}) {
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const code = useRef<PromqlCode | null>(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  const [isLoaded, setLoaded] = useState(false);

  useEffect(() => {
    let isGone = false;
    import('./promql-code.js').then(
      ({ createPromqlCode }) => {
        if (isGone || host.current === null) return;
        const hadFocus = document.activeElement === plain.current;
        code.current = createPromqlCode(host.current, plain.current?.value ?? given, (text) => latest.current(text));
        setLoaded(true);
        if (hadFocus) code.current.focus();
      },
      () => undefined,
    );
    return () => {
      isGone = true;
      code.current?.destroy();
    };
  }, []);
  useEffect(() => {
    code.current?.setText(given);
    if (plain.current !== null) plain.current.value = given;
  }, [given]);

  return (
    <>
      <div ref={host} hidden={!isLoaded} />
      {!isLoaded && (
        <textarea
          ref={plain}
          class={styles.plain}
          aria-label="PromQL"
          placeholder="sum by (country) (rate(orders_total[5m]))"
          spellcheck={false}
          defaultValue={given}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </>
  );
}
