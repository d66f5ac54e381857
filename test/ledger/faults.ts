/** The faults that a run causes in the service and in its Postgres. */
export interface Faults {
  /** The number of times that each fault has happened. */
  readonly counts: Readonly<Record<string, number>>;
  readonly total: number;
  /** Returns the name of the next fault, chosen at random. */
  next(): string;
  /** Causes a fault. The promise resolves when everything that was ended runs again. */
  strike(fault: string): Promise<void>;
  /** Determines which losses the faults have made legitimate, while nothing is pushed. */
  settle(): Promise<void>;
  /** Returns lines that follow the counts in the summary. */
  summary(): string;
}
