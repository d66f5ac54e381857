import { KeyRound } from 'lucide';
import { useState } from 'preact/hooks';
import { ApiProblem } from '../api/problem.js';
import { request } from '../api/requests.js';
import type { CreatedToken } from '../api/types.js';
import { Icon } from '../icons/icon.js';
import { isAdmin } from '../session/session.js';
import controls from '../style/controls.module.css';
import styles from './snippet-tabs.module.css';

/** Offers to create a token for the program that is shown, or explains how to get one. */
export function NewPushToken({
  secret,
  sendsTotals,
  onCreated,
}: {
  /** The token that was created here, if any. */
  secret: string | null;
  sendsTotals: boolean;
  onCreated: (secret: string) => void;
}) {
  const [name, setName] = useState('my-app');
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  if (secret !== null) {
    return (
      <p class={styles.made} role="status">
        The new token is in the program. It is shown only now, so copy it before you leave this page.
      </p>
    );
  }
  if (!isAdmin.value) {
    return (
      <p class={controls.muted}>
        The program reads its token from <code>INGEST_TOKEN</code>. Somebody with the scope <code>admin</code> can make
        one with the scope <code>ingest</code> for you.
      </p>
    );
  }
  const create = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const { token } = await request<CreatedToken>('/api/admin/tokens', {
        method: 'POST',
        json: { name: name.trim(), scopes: ['ingest'], ...(sendsTotals ? { defaultTemporality: 'cumulative' } : {}) },
      });
      setProblem(null);
      onCreated(token);
    } catch (error) {
      setProblem(error instanceof ApiProblem ? error.message : 'The token could not be created.');
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class={styles.create} onSubmit={(event) => void create(event)}>
      <label class={controls.field}>
        <span class={controls.label}>Name of a new token for this program</span>
        <input
          class={controls.input}
          value={name}
          maxLength={200}
          required
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button class={`${controls.button} ${controls.primary}`} disabled={isBusy}>
        <Icon of={KeyRound} />
        Create a token
      </button>
      {problem !== null && (
        <p class={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
