import { Injectable } from '@nestjs/common';

/** Background work that can be stopped. */
export interface StoppableWork {
  start(): void;
  /** Resolves once no work is in progress. */
  stop(): Promise<void>;
}

/**
 * Lists all background work, so that everything is stopped concurrently. Nest runs the shutdown hooks of modules one after another,
 * so loops that each wait for a silent connection would add up their waits.
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
