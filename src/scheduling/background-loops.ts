import { Injectable } from '@nestjs/common';

/** Background work that can be stopped. */
export interface StoppableWork {
  start(): void;
  /** Resolves once no work is in progress. */
  stop(): Promise<void>;
}

/**
 * Keeps a list of all background work, so that it is stopped at the same time. Nest waits for the hooks of one module after
 * another, and seven loops on silent connections would take seven times as long to stop.
 */
@Injectable()
export class BackgroundLoops {
  private readonly all: StoppableWork[] = [];

  /** Registers background work. Its owner calls this in its constructor. */
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
