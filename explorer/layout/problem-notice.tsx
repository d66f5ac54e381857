import { useEffect, useState } from 'preact/hooks';
import { databaseDownSince } from '../api/database-outage.js';
import { offlineSince } from '../api/requests.js';
import type { Resource } from '../api/use-resource.js';
import controls from '../style/controls.module.css';
import styles from './problem-notice.module.css';

/** A request that takes longer than this can be cancelled. */
const SLOW_MS = 3000;

/** Shows the error message of the server and what happens next, or offers to cancel a slow request. */
export function ProblemNotice({ of }: { of: Resource<unknown> }) {
  const { problem, retryAt, loading, reload, cancel } = of;
  const isSlow = useSlow(loading);
  if (problem === null) {
    if (!isSlow) return null;
    return (
      <p class={`${styles.notice} ${styles.calm}`} role="status">
        The answer takes longer than usual.
        <button type="button" class={`${controls.button} ${controls.small}`} onClick={cancel}>
          Cancel
        </button>
      </p>
    );
  }
  // The sign-in dialog and the banner above the page already show these problems.
  if (problem.status === 401 || (problem.status === 0 && offlineSince.value !== null)) return null;
  if (problem.status === 503 && databaseDownSince.value !== null) return null;
  return (
    <p class={styles.notice} role="alert">
      <span class={styles.text}>{problem.message}</span>
      {retryAt !== null && <Countdown until={retryAt} />}
      <button type="button" class={`${controls.button} ${controls.small}`} onClick={reload}>
        Try again
      </button>
    </p>
  );
}

function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden="true">The page asks again in {Math.max(0, Math.ceil((until - now) / 1000))} s.</span>;
}

function useSlow(loading: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    setSlow(false);
    if (!loading) return undefined;
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [loading]);
  return isSlow;
}
