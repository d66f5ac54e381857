import { useEffect, useRef } from 'preact/hooks';
import type { CreatedToken } from '../../api/types.js';
import { CopyButton } from '../../dialog/copy-button.js';
import { SnippetTabs } from '../../snippets/snippet-tabs.js';
import controls from '../../style/controls.module.css';
import styles from './tokens.module.css';

/** Shows the secret of a new token once, with the programs that use it. */
export function NewToken({ token, onClose }: { token: CreatedToken; onClose: () => void }) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.focus(), [token.id]);
  return (
    <section
      ref={section}
      class={`${controls.card} ${styles.created}`}
      aria-label={`New token ${token.name}`}
      tabIndex={-1}
    >
      <header class={styles.head}>
        <div>
          <h2>{token.name}</h2>
          <p>This is its secret. It is shown only now: copy it to where your app finds it.</p>
        </div>
        <button type="button" class={controls.button} onClick={onClose}>
          I have stored it
        </button>
      </header>
      <div class={styles.secret}>
        <code>{token.token}</code>
        <CopyButton text={token.token} label="Copy the token" />
      </div>
      {token.scopes.includes('ingest') && (
        <SnippetTabs key={token.id} token={token.token} sendsTotals={token.defaultTemporality === 'cumulative'} />
      )}
    </section>
  );
}
