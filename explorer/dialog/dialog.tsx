import { X } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../icons/icon.js';
import controls from '../style/controls.module.css';
import styles from './dialog.module.css';

/** A dialog over the page. Escape, its close button and a click outside it close the dialog. */
export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  isWide?: boolean;
}) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog
      ref={element}
      class={isWide ? styles.wide : styles.dialog}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && element.current?.close()}
    >
      <div class={styles.content}>
        <header class={styles.head}>
          <h2>{title}</h2>
          <button
            type="button"
            class={`${controls.button} ${controls.icon} ${controls.quiet}`}
            aria-label="Close"
            onClick={() => element.current?.close()}
          >
            <Icon of={X} />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
