/** Writes a number for people: short, with its unit. */
export function formatNumber(value: number | null, unit: string | null = null): string {
  if (value === null) return '–';
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : Number.isNaN(value) ? 'NaN' : '−∞';
  const text = new Intl.NumberFormat('en', {
    notation: Math.abs(value) >= 10_000 ? 'compact' : 'standard',
    maximumSignificantDigits: Math.abs(value) >= 1000 && Math.abs(value) < 10_000 ? 4 : 3,
  }).format(value);
  return unit ? `${text} ${unit}` : text;
}

/** Writes every digit of a number. */
export function formatFull(value: number | null, unit: string | null = null): string {
  if (value === null) return '–';
  const text = Number.isFinite(value)
    ? new Intl.NumberFormat('en', { maximumFractionDigits: 20 }).format(value)
    : `${value}`;
  return unit ? `${text} ${unit}` : text;
}

/** Writes how much a number has changed, or null where that says nothing. */
export function formatChange(now: number | null, before: number | null): string | null {
  if (now === null || before === null || before === 0) return null;
  const share = ((now - before) / Math.abs(before)) * 100;
  const rounded = Math.abs(share) >= 10 ? Math.round(share) : Math.round(share * 10) / 10;
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : '±'}${Math.abs(rounded).toLocaleString('en')}%`;
}
