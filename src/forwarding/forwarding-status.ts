import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../custom-metrics.options.js';

/** Keeps track of how far the forwarding lags behind, regardless of which process forwards. */
@Injectable()
export class ForwardingStatus {
  /** True if this process has a target. */
  readonly isOn: boolean;
  private forwardedUntil: number | undefined;
  private isSendingHere = false;
  private leftOut = 0;

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { forwarding }: CustomMetricsOptions) {
    this.isOn = forwarding.url !== undefined;
  }

  /** Seconds since the last moment at which everything that had arrived was forwarded; 0 until this is known. */
  get lagSeconds(): number {
    return this.forwardedUntil === undefined ? 0 : Math.max(0, (performance.now() - this.forwardedUntil) / 1000);
  }

  /** True if this process forwards. */
  get isActive(): boolean {
    return this.isSendingHere;
  }

  /** The number of samples that were not kept for the target because the queue was full, as far as this process knows. */
  get leftOutSamples(): number {
    return this.leftOut;
  }

  noteLeftOut(samples: number): void {
    this.leftOut = samples;
  }

  /**
   * Notes the lag at this moment.
   *
   * @param isActive whether this process forwards
   */
  note(lagSeconds: number, isActive: boolean): void {
    this.forwardedUntil = performance.now() - lagSeconds * 1000;
    this.isSendingHere = isActive;
  }
}
