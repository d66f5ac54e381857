/** What a run does to the service and to its Postgres. */
export interface Faults {
  /** How often each fault has come. */
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
  /** Draws the name of the next fault. */
  next(): string;
  /** Resolves when everything that was ended is up again. */
  strike(fault: string): Promise<void>;
  /** Finds out, while nothing is pushed, which losses the faults have made legitimate. */
  settle(): Promise<void>;
  /** Lines that follow the counts in the summary. */
  summary(): string;
}
