import { Injectable } from '@nestjs/common';

/** Work in the background, as it is started and stopped with the application. */
export interface StoppableWork {
  start(): void;
  /** Resolves once nothing is under way any more. */
  stop(): Promise<void>;
}

/**
 * Knows all work in the background, so that it is stopped together. Nest waits for the hooks of one module after the other, and
 * seven loops on silent connections would hold the stop seven times as long.
 */
@Injectable()
export class BackgroundLoops {
  private readonly all: StoppableWork[] = [];

  /** To be called by the constructor of whoever has such work. */
  add(work: StoppableWork): void {
    this.all.push(work);
  }

  start(): void {
    for (const work of this.all) work.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((work) => work.stop()));
  }
}
