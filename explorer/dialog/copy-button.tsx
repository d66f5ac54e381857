import { Check, Copy } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../icons/icon.js';
import controls from '../style/controls.module.css';
import { copyText } from './copy-text.js';

/** A button that copies a text, or says that the browser does not allow it. */
export function CopyButton({
  text,
  label = 'Copy',
  isQuiet = false,
}: {
  text: string | (() => string);
  label?: string;
  isQuiet?: boolean;
}) {
  const [result, setResult] = useState<boolean | null>(null);
  useEffect(() => {
    if (result === null) return undefined;
    const timer = setTimeout(() => setResult(null), 2000);
    return () => clearTimeout(timer);
  }, [result]);
  return (
    <button
      type="button"
      class={`${controls.button} ${controls.small} ${isQuiet ? controls.quiet : ''}`}
      onClick={() => void copyText(typeof text === 'string' ? text : text()).then(setResult)}
    >
      <Icon of={result === true ? Check : Copy} size={14} />
      <span aria-live="polite">
        {result === null ? label : result ? 'Copied' : 'Not allowed here: select and copy'}
      </span>
    </button>
  );
}
