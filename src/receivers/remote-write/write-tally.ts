import type { Refusal } from '../../catalog/refusal.js';

/** The numbers of samples that a request stored and did not store. */
export class WriteTally {
  private written = 0;
  private refused = 0;
  private first: Refusal | undefined;

  /** @param onWritten is called with the number of samples that are committed, after each part of the request */
  constructor(private readonly onWritten: (samples: number) => void) {}

  addWritten(samples: number): void {
    this.written += samples;
    this.onWritten(this.written);
  }

  addRefused(refusal: Refusal, samples = 1): void {
    this.refused += samples;
    this.first ??= refusal;
  }

  /**
   * @param histograms the number of native histogram samples that were left out
   * @param exemplars the number of exemplars that were left out and that the sender must be told about
   * @returns the explanation of what was not written; undefined if everything was
   */
  problem(histograms: number, exemplars: number): string | undefined {
    const problems: string[] = [];
    if (this.first !== undefined) {
      problems.push(`${this.refused} samples were refused, the first because: ${this.first.message}`);
    }
    if (histograms > 0) {
      problems.push(
        `${histograms} native histogram samples were left out, because the service stores classic histograms only ` +
          '(always_scrape_classic_histograms in Prometheus).',
      );
    }
    if (exemplars > 0) problems.push(`${exemplars} exemplars were left out (send_exemplars: false in Prometheus).`);
    if (problems.length === 0) return undefined;
    return `${this.written} samples were stored. ${problems.join(' ')}`;
  }
}
