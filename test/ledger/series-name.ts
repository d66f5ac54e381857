/** Labels as a client sends them. */
export type Labels = Readonly<Record<string, string>>;

/** The prefix of all series of the test, which the service's own metrics do not have. */
export const PREFIX = 'ledger_';

/** Returns the name of a series as the exposition writes it. Every other source is compared in this form. */
export function seriesName(metric: string, labels: Labels): string {
  const pairs = Object.keys(labels)
    .toSorted()
    .map((name) => `${name}="${labels[name]}"`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.join(',')}}`;
}

const PAST = /^ledger_past\d+_/;

/** Returns a name for a metric that was pushed under another one, which remains recognisable in it. */
export function pastNameOf(metric: string, number: number): string {
  return metric.replace(PREFIX, `${PREFIX}past${number}_`);
}

/** Returns the name under which a metric, or a series, was pushed, given its present name. */
export function pushedNameOf(name: string): string {
  return name.replace(PAST, PREFIX);
}
