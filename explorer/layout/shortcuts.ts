import { signal } from '@preact/signals';

/** A shortcut key, and the name of its action. */
export interface Shortcut {
  key: string;
  name: string;
}

/** All shortcut keys, in the order in which the help lists them. */
export const SHORTCUTS: readonly Shortcut[] = [
  { key: '/', name: 'Search' },
  { key: 't', name: 'Chart or table, for the first panel' },
  { key: 'r', name: 'Reload everything' },
  { key: '[', name: 'Earlier' },
  { key: ']', name: 'Later' },
  { key: '?', name: 'This help' },
];

const STORED = 'custom-metrics-keys';

/** Whether single-key shortcuts are on. Speech input can trigger them by accident, so they can be switched off (WCAG 2.1.4). */
export const hasShortcuts = signal(localStorage.getItem(STORED) !== 'off');

/** Whether the list of keys is open. */
export const isHelpOpen = signal(false);

/** Switches single-key shortcuts on or off. */
export function setShortcuts(isOn: boolean): void {
  hasShortcuts.value = isOn;
  if (isOn) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, 'off');
}

/**
 * Calls a function for each key that is pressed outside form fields and dialogs, and without Ctrl, Alt or Meta, while the
 * shortcuts are switched on. It returns a function that ends this.
 *
 * @param onKey returns whether it has handled the key
 */
export function listenForShortcuts(onKey: (key: string) => boolean): () => void {
  const listen = (event: KeyboardEvent) => {
    if (!hasShortcuts.peek() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.composedPath()[0];
    if (
      target instanceof HTMLElement &&
      (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    )
      return;
    if (document.querySelector('dialog[open]') !== null) return;
    if (onKey(event.key)) event.preventDefault();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}
