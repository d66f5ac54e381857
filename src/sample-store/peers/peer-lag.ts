import { Injectable, type Provider } from '@nestjs/common';
import { getToken } from '@willsoto/nestjs-prometheus';
import { Gauge, register } from 'prom-client';

const LAG_SECONDS = 'custom_metrics_peer_lag_seconds';

/**
 * Samples of other processes are normally shown within a second. With a longer lag than this, the process is not ready, because
 * its exposition would be mistaken for the current state.
 */
export const MAX_PEER_LAG_SECONDS = 10;

/** Knows how long ago this process had read everything that its peers had committed. */
@Injectable()
export class PeerLag {
  private caughtUpAt: number | undefined;

  /** Seconds since this process had read everything that its peers had committed; 0 before it follows them. */
  get seconds(): number {
    return this.caughtUpAt === undefined ? 0 : (performance.now() - this.caughtUpAt) / 1000;
  }

  get isTooLong(): boolean {
    return this.seconds > MAX_PEER_LAG_SECONDS;
  }

  /** @param asOf the start of the poll that found nothing more, by `performance.now()` */
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
      // A second module in one process would otherwise show the lag of the first.
      register.removeSingleMetric(LAG_SECONDS);
      return new Gauge({
        name: LAG_SECONDS,
        help: 'Seconds since this process had read everything that other processes committed',
        collect() {
          this.set(lag.seconds);
        },
      });
    },
  },
];
