import { useEffect, useState } from 'preact/hooks';
import type { components } from '../../api/openapi.js';
import { request } from '../../api/requests.js';
import { useResource } from '../../api/use-resource.js';
import { formatTime } from '../../format/time.js';
import { zone } from '../../router/view.js';
import { isAdmin } from '../../session/session.js';
import controls from '../../style/controls.module.css';
import styles from './onboarding.module.css';

type Refusals = components['schemas']['RefusalsResponse'];

const ASK_EVERY_MS = 2000;
const SHOWN = 5;

/** Shows recent refused pushes below the programs that push, because they explain why nothing arrives. */
export function RefusalRows() {
  const [since] = useState(() => Date.now() - 60_000);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && setRound((count) => count + 1), ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const refusals = useResource(
    isAdmin.value ? 'refusals' : null,
    (signal) => request<Refusals>('/api/admin/refusals', { query: { limit: SHOWN }, signal }),
    round,
  );
  const recent = (refusals.data?.refusals ?? []).filter(({ lastAt }) => Date.parse(lastAt) > since);
  return (
    <ul class={styles.refusals} aria-live="polite" aria-label="Refused pushes">
      {recent.map(({ lastAt, reason, message, token, count }) => (
        <li key={`${reason} ${token} ${message}`} class={styles.refusal}>
          <span class={controls.muted}>{formatTime(lastAt, zone.value)}</span>
          <b>refused: {reason.replaceAll('_', ' ')}</b>
          <span>{message}</span>
          {count > 1 && <span class={controls.muted}>{count} times</span>}
        </li>
      ))}
    </ul>
  );
}
