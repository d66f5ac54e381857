/**
 * Computes a sum with Neumaier's correction, in the same steps as Prometheus, so that values of very different sizes add up
 * correctly.
 */
export class CompensatedSum {
  sum = 0;
  correction = 0;

  start(sum: number, correction: number): void {
    this.sum = sum;
    this.correction = correction;
  }

  add(value: number): void {
    const total = this.sum + value;
    if (total === Infinity || total === -Infinity) {
      this.correction = 0;
    } else if (Math.abs(this.sum) >= Math.abs(value)) {
      this.correction += this.sum - total + value;
    } else {
      this.correction += value - total + this.sum;
    }
    this.sum = total;
  }

  get total(): number {
    return this.sum + this.correction;
  }
}

/**
 * Computes a mean from a direct sum. If the sum would overflow, the mean of the values so far is kept instead, and each further
 * value moves it.
 */
export class CompensatedMean {
  readonly sum = new CompensatedSum();
  count = 0;
  isIncremental = false;

  add(value: number): void {
    const { sum } = this;
    this.count++;
    if (this.count === 1) {
      sum.start(value, 0);
      return;
    }
    if (!this.isIncremental) {
      const { sum: before, correction } = sum;
      sum.add(value);
      if (Number.isFinite(sum.sum) || Number.isNaN(sum.sum)) {
        return;
      }
      this.isIncremental = true;
      sum.start(before / (this.count - 1), correction / (this.count - 1));
    }
    const share = (this.count - 1) / this.count;
    sum.start(share * sum.sum, share * sum.correction);
    sum.add(value / this.count);
  }

  get mean(): number {
    const { sum, count } = this;
    return this.isIncremental ? sum.total : sum.sum / count + sum.correction / count;
  }
}
