/** Number of samples for which an array has room. */
const ARRAY_LENGTH = 32_768;

/** Maximum number of arrays that are kept: 50 MB, which hold the samples of ten thousand series in an hour and five minutes, one every 15 s. */
const MAX_KEPT = 192;

/**
 * Arrays for samples that one task after the other uses. Memory that is allocated and dropped for each task makes the garbage collector
 * work through the whole heap, and the system has to clear it, which together takes longer than decoding the samples.
 */
export class SampleArrays {
  private readonly kept: Float64Array<ArrayBuffer>[] = [];
  private used = 0;

  /** The length of each array. */
  readonly length = ARRAY_LENGTH;

  /** Takes an array with any content until the task is over. */
  take(): Float64Array<ArrayBuffer> {
    const kept = this.kept[this.used];
    if (kept !== undefined) {
      this.used++;
      return kept;
    }
    const made = new Float64Array(ARRAY_LENGTH);
    if (this.used < MAX_KEPT) this.kept[this.used++] = made;
    return made;
  }

  /** The number of kept arrays that the task has taken. */
  get taken(): number {
    return this.used;
  }

  /** Gives back the arrays that the task has taken since {@link taken} was this number. Nothing may refer to their samples any more. */
  giveBackTo(taken: number): void {
    this.used = taken;
  }

  /** Ends a task: its arrays may be used again. Those that several tasks in a row have not needed are dropped, half of them each time. */
  endTask(): void {
    this.kept.length = Math.max(this.used, Math.floor((this.used + this.kept.length) / 2));
    this.used = 0;
  }
}
