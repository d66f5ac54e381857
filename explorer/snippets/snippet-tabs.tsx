import { useId, useRef, useState } from 'preact/hooks';
import { apiBase } from '../api/requests.js';
import { CopyButton } from '../dialog/copy-button.js';
import { session } from '../session/session.js';
import controls from '../style/controls.module.css';
import { NewPushToken } from './new-push-token.js';
import { SNIPPETS } from './snippets.js';
import styles from './snippet-tabs.module.css';

/** The URL of the documentation, which the service itself does not serve. */
const DOCS = 'https://github.com/nestjs-custom-metrics/nestjs-custom-metrics/blob/main/docs';

/**
 * Shows a program for each way to push, with the address of this service and the given token. Without a token, somebody with the
 * scope `admin` can create one here.
 */
export function SnippetTabs({ token = null, sendsTotals }: { token?: string | null; sendsTotals?: boolean }) {
  const id = useId();
  const tabs = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(sendsTotals === true ? 'pushgateway' : 'curl');
  const [created, setCreated] = useState<{ totals?: string; deltas?: string }>({});
  const routes = session.value?.routes;
  const offered = SNIPPETS.filter((snippet) => routes === undefined || routes.includes(snippet.routes));
  const snippet = offered.find((each) => each.id === chosen) ?? offered[0];
  if (snippet === undefined) return <p class={controls.muted}>This app accepts no pushes over HTTP.</p>;

  const kind = snippet.sendsTotals === true ? 'totals' : 'deltas';
  const ownToken = token ?? created[kind] ?? null;
  const code = snippet.write({ url: apiBase, token: ownToken });

  const onKeyDown = (event: KeyboardEvent) => {
    const at = offered.indexOf(snippet);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: offered.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const index = (next + offered.length) % offered.length;
    setChosen(offered[index]!.id);
    tabs.current?.querySelectorAll<HTMLButtonElement>('[role=tab]')[index]?.focus();
  };

  return (
    <section class={`${controls.card} ${styles.snippets}`}>
      <div ref={tabs} class={styles.tabs} role="tablist" aria-label="Kind of client" onKeyDown={onKeyDown}>
        {offered.map((each) => (
          <button
            key={each.id}
            type="button"
            id={`${id}-${each.id}`}
            class={styles.tab}
            role="tab"
            aria-selected={each === snippet}
            aria-controls={`${id}-panel`}
            tabIndex={each === snippet ? 0 : -1}
            onClick={() => setChosen(each.id)}
          >
            {each.name}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} class={styles.panel} role="tabpanel" aria-labelledby={`${id}-${snippet.id}`}>
        <p class={styles.note}>
          {snippet.note}{' '}
          <a href={`${DOCS}/${snippet.docs}.md`} target="_blank" rel="noreferrer">
            More about it
          </a>
        </p>
        <div class={styles.code}>
          <pre tabIndex={0} aria-label={`Program for ${snippet.name}`}>
            <code>{code}</code>
          </pre>
          <div class={styles.copy}>
            <CopyButton text={code} />
          </div>
        </div>
        {token === null && (
          <NewPushToken
            secret={created[kind] ?? null}
            sendsTotals={snippet.sendsTotals === true}
            onCreated={(secret) => setCreated((old) => ({ ...old, [kind]: secret }))}
          />
        )}
      </div>
    </section>
  );
}
