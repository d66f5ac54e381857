import { Injectable, Logger } from '@nestjs/common';
import { RepeatedFailure } from '../../database/repeated-failure.js';

/** The pause between two reports of a failure. Attempts are much more frequent. */
const REPORT_INTERVAL_MS = 30_000;

/** Reports that the target is unavailable, in the log and in `/health`. */
@Injectable()
export class TargetFailure {
  private readonly failure = new RepeatedFailure('forward samples by remote write', new Logger('Forwarding'));
  private reportedAt = -Infinity;

  /** @param message the reason, without secrets */
  occurred(message: string): void {
    const now = performance.now();
    if (now - this.reportedAt < REPORT_INTERVAL_MS) return;
    this.reportedAt = now;
    this.failure.failed(new Error(message));
  }

  ended(): void {
    this.reportedAt = -Infinity;
    this.failure.succeeded();
  }

  /** Forgets the failure, because this process no longer forwards. */
  forget(): void {
    this.reportedAt = -Infinity;
    this.failure.forget();
  }
}
