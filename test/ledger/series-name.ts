/** Labels as a client sends them. */
export type Labels = Readonly<Record<string, string>>;

/** All series of the test begin with it; the service's own ones do not. */
export const PREFIX = 'ledger_';

/** A series as the page writes it, which is how every other source is compared with it. */
export function seriesName(metric: string, labels: Labels): string {
  const pairs = Object.keys(labels)
    .toSorted()
    .map((name) => `${name}="${labels[name]}"`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}
