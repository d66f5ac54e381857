import controls from '../style/controls.module.css';
import styles from './needs-scope.module.css';
import { session, signOut } from './session.js';

/** Explains that something needs a scope which the session lacks, and offers to sign in with another token. */
export function NeedsScope({ what, scope }: { what: string; scope: 'read' | 'admin' }) {
  const name = session.value?.tokenName;
  return (
    <div class={styles.note}>
      <p>
        {what} needs the scope <code>{scope}</code>
        {name !== undefined && (
          <>
            , which the token <strong>{name}</strong> does not have
          </>
        )}
        .
      </p>
      {session.value?.signedInBy !== 'host' && (
        <button type="button" class={`${controls.button} ${controls.small}`} onClick={() => void signOut()}>
          Sign in with another token
        </button>
      )}
    </div>
  );
}
