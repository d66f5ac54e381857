import { signal } from '@preact/signals';

/** The themes that a person can choose. */
export type Theme = 'system' | 'light' | 'dark';

const STORED = 'custom-metrics-theme';

/** The chosen theme. */
export const theme = signal<Theme>(storedTheme());

/** Counts changes of the theme, including those of the system, because charts read their colours only when they are created. */
export const themeVersion = signal(0);

function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Starts to apply the chosen theme, and to observe the theme of the system. */
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
