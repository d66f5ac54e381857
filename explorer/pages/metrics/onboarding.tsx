import { Send } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ListedMetric } from '../../api/types.js';
import { Icon } from '../../icons/icon.js';
import { PlainPanel } from '../../panel/plain-panel.js';
import { newPanel } from '../../panel/panel-state.js';
import { route, setParams } from '../../router/location.js';
import { hashOfPage } from '../../router/route.js';
import { isAdmin } from '../../session/session.js';
import { SnippetTabs } from '../../snippets/snippet-tabs.js';
import controls from '../../style/controls.module.css';
import styles from './onboarding.module.css';
import { RefusalRows } from './refusal-rows.js';
import { sendTestPush } from './test-push.js';

/** After this time without a push, the page shows hints about what may be wrong. */
const HINTS_AFTER_MS = 60_000;

const FIRST_RANGE = '-15m';

/** The content for an empty service: programs that push, and the chart of the first metric as soon as it exists. */
export function Onboarding({ first }: { first: ListedMetric | null }) {
  const hasArrived = first !== null;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // The focus moves only if it was on the button of the test push, which no longer exists.
    if (hasArrived && document.activeElement === document.body) link.current?.focus({ preventScroll: true });
    // In a chart of a whole day, the bar of a single push would be too thin to see.
    if (hasArrived && !route.peek().params.has('from')) setParams({ from: FIRST_RANGE }, { replace: true });
  }, [hasArrived]);
  return (
    <div class={styles.page}>
      {/* The chart of the first metric takes the place of the waiting box. The programs below stay in the page, so the focus in
          them is not lost. */}
      <div role="status" class="visually-hidden">
        {first !== null && `The first push has arrived: ${first.name}.`}
      </div>
      {first === null ? (
        <Waiting />
      ) : (
        <div class={styles.first}>
          <p class={styles.done}>
            It has arrived.{' '}
            <a href={hashOfPage('explore', route.value.params, { m0: first.name })}>Explore {first.name}</a>, or push
            more: this page follows.
          </p>
          <PlainPanel panel={newPanel({ metric: first.name })} index={0} isOnly isPreview />
        </div>
      )}
      <SnippetTabs />
      <RefusalRows />
    </div>
  );
}

function Waiting() {
  const [needsHints, setHints] = useState(false);
  const [state, setState] = useState<'idle' | 'sending' | 'sent'>('idle');
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setHints(true), HINTS_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const send = async () => {
    setState('sending');
    setProblem(null);
    try {
      await sendTestPush();
      setState('sent');
    } catch (error) {
      setProblem((error as Error).message);
      setState('idle');
    }
  };
  return (
    <section class={`${controls.card} ${styles.waiting}`} aria-labelledby="waiting">
      <span class={styles.pulse} aria-hidden="true" />
      <div class={styles.words}>
        <h2 id="waiting">Waiting for your first push…</h2>
        <p class={controls.muted}>
          Run one of the programs below. This box becomes the chart of your metric, without a reload.
        </p>
        {needsHints && (
          <ul class={styles.hints}>
            <li>Does the program print 202? Every other answer says what is wrong.</li>
            <li>Does it run where it can reach this address, and not in a container of its own?</li>
            <li>Does its token have the scope ingest? The token that you signed in with may not have it.</li>
          </ul>
        )}
        {problem !== null && <p role="alert">{problem}</p>}
      </div>
      {isAdmin.value && (
        <button type="button" class={controls.button} disabled={state !== 'idle'} onClick={() => void send()}>
          <Icon of={Send} />
          {state === 'sent' ? 'Sent' : 'Send a test push from here'}
        </button>
      )}
    </section>
  );
}
