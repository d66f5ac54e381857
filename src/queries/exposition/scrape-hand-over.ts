import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';

/** Answers a scrape in another process, or returns false if this process has to answer it. */
export type ScrapeAnsweredElsewhere = (request: Request, response: Response) => Promise<boolean>;

/** Hands scrapes over to another process. Only the server does so, when it consists of several processes. */
@Injectable()
export class ScrapeHandOver {
  private answeredElsewhere: ScrapeAnsweredElsewhere | undefined;

  handOverTo(elsewhere: ScrapeAnsweredElsewhere): void {
    this.answeredElsewhere = elsewhere;
  }

  /** @returns true if another process has answered the scrape */
  async isHandedOver(request: Request, response: Response): Promise<boolean> {
    return (await this.answeredElsewhere?.(request, response)) === true;
  }
}
