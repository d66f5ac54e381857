import { Injectable, type Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';

const LAG_SECONDS = 'custom_metrics_peer_lag_seconds';

/**
 * Maximum lag with which a process is still ready. Samples of other processes are normally shown within a second; with a longer
 * lag, an outdated exposition would be mistaken for the current state.
 */
export const MAX_PEER_LAG_SECONDS = 10;

/** Measures how far this process lags behind its peers. */
@Injectable()
export class PeerLag {
  private caughtUpAt: number | undefined;

  /**
   * The number of seconds since this process last had all rows that its peers had committed. The number is 0 until the process
   * starts to follow its peers.
   */
  get seconds(): number {
    return this.caughtUpAt === undefined ? 0 : (performance.now() - this.caughtUpAt) / 1000;
  }

  get isTooLong(): boolean {
    return this.seconds > MAX_PEER_LAG_SECONDS;
  }

  /** @param asOf the start of the poll that found no further rows, by `performance.now()` */
  noteCaughtUp(asOf: number): void {
    this.caughtUpAt = asOf;
  }
}

export const peerLagProviders: Provider[] = [
  PeerLag,
  {
    provide: getToken(LAG_SECONDS),
    inject: [PeerLag],
    useFactory: (lag: PeerLag) => {
      // Without this, a second module in the same process would show the lag of the first.
      register.removeSingleMetric(LAG_SECONDS);
      return new Gauge({
        name: LAG_SECONDS,
        help: 'Seconds since this process was last up to date with the commits of other processes',
        collect() {
          this.set(lag.seconds);
        },
      });
    },
  },
];
