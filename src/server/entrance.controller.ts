import { Controller, Get, HttpStatus, Inject, NotFoundException, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { chooseOffer } from '../http/answers/accept.js';

/** The injection token of the path of the explorer. */
export const EXPLORER_PATH = Symbol('EXPLORER_PATH');

/**
 * The answers that the entrance offers. A client that accepts everything gets the first one, because it is not a browser but a
 * program such as curl.
 */
const OFFERS = [{ mediaType: 'application/json' }, { mediaType: 'text/html' }];

/** Redirects a browser that opens the address of the server to the explorer. */
@ApiExcludeController()
@Controller()
export class EntranceController {
  constructor(@Inject(EXPLORER_PATH) private readonly explorerPath: string) {}

  @Get()
  enter(@Req() request: Request, @Res() response: Response): void {
    response.set({ Vary: 'Accept', 'Cache-Control': 'no-cache' });
    if (chooseOffer(request.headers.accept ?? '', OFFERS)?.offer.mediaType !== 'text/html') {
      throw new NotFoundException('Cannot GET /');
    }
    // A relative address stays correct if a proxy has removed a prefix from the path.
    response.redirect(HttpStatus.FOUND, `${this.explorerPath}/`);
  }
}
