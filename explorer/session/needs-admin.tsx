import controls from '../style/controls.module.css';
import styles from './needs-admin.module.css';
import { session, signOut } from './session.js';

/** Says why something is missing for a session without the scope `admin`. `what` is the subject of the sentence, in the plural. */
export function NeedsAdmin({ what }: { what: string }) {
  const name = session.value?.tokenName;
  return (
    <div class={styles.note}>
      <p>
        {what} need the scope <code>admin</code>
        {name !== undefined && (
          <>
            , which the token <strong>{name}</strong> does not have
          </>
        )}
        . Reading everything else works.
      </p>
      {session.value?.signedInBy !== 'host' && (
        <button type="button" class={`${controls.button} ${controls.small}`} onClick={() => void signOut()}>
          Sign in with another token
        </button>
      )}
    </div>
  );
}
