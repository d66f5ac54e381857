import { useState } from 'preact/hooks';
import { ApiProblem } from '../../api/problem.js';
import { request } from '../../api/requests.js';
import { Dialog } from '../../dialog/dialog.js';
import { session } from '../../session/session.js';
import controls from '../../style/controls.module.css';
import type { Token } from './token.js';
import styles from './tokens.module.css';

/** Asks before a token is revoked, because that cannot be undone. */
export function RevokeDialog({
  token,
  onClose,
  onRevoked,
}: {
  token: Token;
  onClose: () => void;
  onRevoked: () => void;
}) {
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isOwn = session.value?.tokenName === token.name;

  const revoke = async () => {
    setBusy(true);
    try {
      await request(`/api/admin/tokens/${token.id}`, { method: 'DELETE' });
      onRevoked();
    } catch (error) {
      // Somebody else has already revoked the token, which has the same effect.
      if (error instanceof ApiProblem && error.status === 404) onRevoked();
      else setProblem(error instanceof ApiProblem ? error.message : 'The token could not be revoked.');
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog title="Revoke this token?" onClose={onClose}>
      <p>
        Within a second, everything that sends <strong>{token.name}</strong> is refused, and sessions that were opened
        with it end. This cannot be undone. Its metrics stay.
      </p>
      {isOwn && <p class={styles.warning}>Your session seems to belong to this token, so you would be signed out.</p>}
      {problem !== null && (
        <p class={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <div class={styles.buttons}>
        <button type="button" class={controls.button} onClick={onClose}>
          Keep it
        </button>
        <button
          type="button"
          class={`${controls.button} ${styles.revoke}`}
          disabled={isBusy}
          onClick={() => void revoke()}
        >
          Revoke
        </button>
      </div>
    </Dialog>
  );
}
