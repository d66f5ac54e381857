import { Injectable } from '@nestjs/common';

/** Background work that can be stopped. */
export interface StoppableWork {
  start(): void;
  /** Stops the work. The promise resolves when no work is in progress any more, or after a time limit. */
  stop(): Promise<void>;
}

/**
 * Lists all background work, so that everything is stopped concurrently. Nest runs the shutdown hooks of modules one after
 * another, so the waits of loops for silent connections would otherwise add up.
 */
@Injectable()
export class BackgroundLoops {
  private readonly all: StoppableWork[] = [];

  /** Registers background work. The owner of the work calls this method in its constructor. */
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
