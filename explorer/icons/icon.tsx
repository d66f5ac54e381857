import { h } from 'preact';
import type { IconNode } from 'lucide';

/** Draws an icon from elements, because the security policy of the page allows no script to insert markup from text. */
export function Icon({ of, size = 16, label }: { of: IconNode; size?: number; label?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={label === undefined ? 'true' : undefined}
    >
      {of.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}
