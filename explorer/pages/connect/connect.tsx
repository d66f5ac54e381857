import { apiBase } from '../../api/requests.js';
import { CopyButton } from '../../dialog/copy-button.js';
import { session } from '../../session/session.js';
import { SnippetTabs } from '../../snippets/snippet-tabs.js';
import controls from '../../style/controls.module.css';
import styles from './connect.module.css';

/** The page "Connect", which shows how to push to this service, and how to read from it with other tools. */
export function Connect() {
  return (
    <div class={styles.page}>
      <header class={styles.head}>
        <h1>Connect an app</h1>
        <p class={controls.muted}>
          Every program below is complete. Run it, and its metric appears on the page Metrics.
        </p>
      </header>
      <SnippetTabs />
      <Readers />
    </div>
  );
}

/** Lists the addresses for tools that read metrics. */
function Readers() {
  const routes = session.value?.routes;
  const all = [
    {
      routes: 'exposition',
      name: 'Prometheus',
      address: `${apiBase}/metrics`,
      note: 'Scrape this address.',
    },
    {
      routes: 'promql',
      name: 'Grafana',
      address: apiBase,
      note: 'Add a data source of the type Prometheus, with a token that has the scope read as a header: Authorization: Bearer …',
    },
    {
      routes: 'history',
      name: 'Everything else',
      address: `${apiBase}/api/history/metrics`,
      note: 'JSON, and CSV of raw samples. The footer of every chart has its address for curl.',
    },
  ];
  const offered = all.filter((each) => routes === undefined || routes.includes(each.routes));
  if (offered.length === 0) return null;
  return (
    <section class={styles.readers}>
      <h2>Read with other tools</h2>
      <ul class={styles.list}>
        {offered.map(({ name, address, note }) => (
          <li key={name} class={`${controls.card} ${styles.reader}`}>
            <h3>{name}</h3>
            <div class={styles.address}>
              <code>
                {/* A long address can wrap after each of its slashes. */}
                {address.split(/(?<=\w\/)/).map((part) => (
                  <span key={part}>
                    {part}
                    <wbr />
                  </span>
                ))}
              </code>
              <CopyButton text={address} isQuiet />
            </div>
            <p class={controls.muted}>{note}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
