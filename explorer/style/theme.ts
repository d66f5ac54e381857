import { signal } from '@preact/signals';

/** The looks that a person can choose. */
export type Theme = 'system' | 'light' | 'dark';

const STORED = 'custom-metrics-theme';

/** The chosen look. */
export const theme = signal<Theme>(storedTheme());

/** Counts changes of the look, also those of the system, because charts take their colours when they are made. */
export const themeVersion = signal(0);

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Applies the chosen look from now on, and notices when the system changes its own. */
export function applyTheme(): void {
  theme.subscribe((chosen) => {
    if (chosen === 'system') {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(STORED);
    } else {
      document.documentElement.dataset.theme = chosen;
      localStorage.setItem(STORED, chosen);
    }
    themeVersion.value = themeVersion.peek() + 1;
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    themeVersion.value = themeVersion.peek() + 1;
  });
}
