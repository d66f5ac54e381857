import { useSignal } from '@preact/signals';
import { CircleUserRound, Keyboard, LogOut, Menu, Monitor, Moon, Sun } from 'lucide';
import { useEffect } from 'preact/hooks';
import { Icon } from '../icons/icon.js';
import { page, route } from '../router/location.js';
import { hashOfPage, PAGES, type Page } from '../router/route.js';
import { scopes, secret, signOut } from '../session/session.js';
import controls from '../style/controls.module.css';
import { theme, type Theme } from '../style/theme.js';
import styles from './header.module.css';
import { RangeControls, ZoneButton } from './range-controls.js';
import { isHelpOpen } from './shortcuts.js';

const NAMES: Record<Page, string> = {
  metrics: 'Metrics',
  explore: 'Explore',
  connect: 'Connect',
  health: 'Health',
  tokens: 'Tokens',
};

const NEXT_THEME: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

/** The header of every page, with the navigation, the range and the theme. */
export function Header() {
  const isMenuOpen = useSignal(false);
  const current = page.value;
  useEffect(() => {
    isMenuOpen.value = false;
  }, [route.value]);

  return (
    <header class={styles.header}>
      <div class={styles.bar}>
        <button
          type="button"
          class={`${controls.button} ${controls.icon} ${controls.quiet} ${styles.menu}`}
          aria-label="Pages"
          aria-expanded={isMenuOpen.value}
          onClick={() => (isMenuOpen.value = !isMenuOpen.value)}
        >
          <Icon of={Menu} size={20} />
        </button>
        <a class={styles.brand} href={hashOfPage('metrics', route.value.params)} aria-label="Custom metrics">
          <Mark />
          <span class={styles.name}>Custom metrics</span>
        </a>
        <nav class={styles.pages} data-open={isMenuOpen.value} aria-label="Pages">
          {PAGES.filter((name) => name !== 'tokens' || scopes.value.includes('admin')).map((name) => (
            <a
              key={name}
              class={styles.page}
              href={hashOfPage(name, route.value.params)}
              aria-current={name === current ? 'page' : undefined}
            >
              {NAMES[name]}
            </a>
          ))}
          <div class={styles.menuTools}>
            <ZoneButton />
            <KeysButton />
            <ThemeButton />
            <SignOutButton />
          </div>
        </nav>
        <div class={styles.tools}>
          {(current === 'metrics' || current === 'explore') && <RangeControls />}
          <div class={styles.wideTools}>
            <ZoneButton />
            <KeysButton />
            <ThemeButton />
            <SignOutButton />
          </div>
        </div>
      </div>
    </header>
  );
}

function ThemeButton() {
  const now = theme.value;
  const text = `Theme: ${now}. Change to ${NEXT_THEME[now]}.`;
  return (
    <button
      type="button"
      class={`${controls.button} ${controls.icon} ${controls.quiet}`}
      title={text}
      aria-label={text}
      onClick={() => (theme.value = NEXT_THEME[now])}
    >
      <Icon of={THEME_ICONS[now]} />
    </button>
  );
}

/**
 * A button that opens the list of shortcut keys. It is needed because the `?` key does nothing while the shortcuts are switched
 * off.
 */
function KeysButton() {
  return (
    <button
      type="button"
      class={`${controls.button} ${controls.icon} ${controls.quiet}`}
      title="Keys (?)"
      aria-label="Keys"
      onClick={() => (isHelpOpen.value = true)}
    >
      <Icon of={Keyboard} />
    </button>
  );
}

function SignOutButton() {
  if (secret.value === null) return <Icon of={CircleUserRound} size={18} label="Not signed in" />;
  return (
    <button
      type="button"
      class={`${controls.button} ${controls.icon} ${controls.quiet}`}
      title="Sign out"
      aria-label="Sign out"
      onClick={() => void signOut()}
    >
      <Icon of={LogOut} />
    </button>
  );
}

function Mark() {
  return (
    <svg class={styles.mark} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--line-1)" />
      <rect x="7" y="17" width="4" height="8" rx="1.5" fill="#fff" />
      <rect x="14" y="12" width="4" height="13" rx="1.5" fill="#fff" />
      <rect x="21" y="7" width="4" height="18" rx="1.5" fill="#48ef86" />
    </svg>
  );
}
