/** A process that lived for this long was working, so its end says nothing about the next start. */
const WORKING_MS = 60_000;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Number of consecutive early ends of a process after which a server without any working process gives up. */
export const MOST_ENDS_IN_A_ROW = 5;

/** Counts how often a process has ended soon after its start, and decides how long to wait before the next start. */
export class RestartPause {
  private ends = 0;

  /** The number of consecutive times that the process has ended within a minute of its start. */
  get endsInARow(): number {
    return this.ends;
  }

  /** @returns the pause before the next start, in ms */
  afterEnd(livedMs: number): number {
    this.ends = livedMs >= WORKING_MS ? 0 : this.ends + 1;
    return this.ends === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (this.ends - 1), LONGEST_PAUSE_MS);
  }
}
