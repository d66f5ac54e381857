import { databaseDownSince } from '../api/database-outage.js';
import { offlineSince } from '../api/requests.js';
import { formatTime } from '../format/time.js';
import { Connect } from '../pages/connect/connect.js';
import { Explore } from '../pages/explore/explore.js';
import { Health } from '../pages/health/health.js';
import { Metrics } from '../pages/metrics/metrics.js';
import { Tokens } from '../pages/tokens/tokens.js';
import { page } from '../router/location.js';
import type { Page } from '../router/route.js';
import { zone } from '../router/view.js';
import { wasAdmitted } from '../session/session.js';
import { SignInDialog } from '../session/sign-in-dialog.js';
import styles from './app.module.css';
import { Header } from './header.js';
import { ShortcutHelp } from './shortcut-help.js';

const CONTENT: Record<Page, () => preact.JSX.Element> = {
  metrics: Metrics,
  explore: Explore,
  connect: Connect,
  health: Health,
  tokens: Tokens,
};

/** The root component: the header, the content of the current page, and the dialogs that can open over any page. */
export function App() {
  const Content = CONTENT[page.value];
  return (
    <>
      <a
        class={styles.skip}
        href="#main"
        onClick={(event) => {
          // The hash holds the state of the page, so the link must not change it.
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header />
      <OutageBanner />
      <main id="main" class={styles.main} tabIndex={-1}>
        {/* Before the first sign-in, there is nothing to show. Later, the content stays visible below the dialog. */}
        {wasAdmitted.value && <Content />}
      </main>
      <SignInDialog />
      <ShortcutHelp />
    </>
  );
}

function OutageBanner() {
  const text = outageText();
  return (
    <div role="status" class={text === null ? undefined : styles.banner}>
      {text}
    </div>
  );
}

function outageText(): string | null {
  if (offlineSince.value !== null) {
    return `The server has not answered since ${formatTime(offlineSince.value, zone.value)}. The values on this page are older. The page keeps trying.`;
  }
  if (databaseDownSince.value !== null) {
    return `Postgres has not answered the service since ${formatTime(databaseDownSince.value, zone.value)}, so pushes are not accepted. The values on this page may be older. The page keeps trying.`;
  }
  return null;
}
