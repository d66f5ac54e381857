import { Controller, Get, HttpStatus, NotFoundException, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { acceptsGzip } from '../../../http/answers/accept-encoding.js';
import { ErrorAnswerFilter } from '../../../http/answers/error-answer.filter.js';
import { ExplorerPage } from './explorer-page.js';
import { ASK_AGAIN, KEEP_FOR_EVER, PAGE_HEADERS } from './page-headers.js';

/** Serves the page and its files. They contain no data, so they need no token. The app decides the path. */
@ApiExcludeController()
@Controller()
@UseFilters(ErrorAnswerFilter)
export class ExplorerPageController {
  constructor(private readonly page: ExplorerPage) {}

  /**
   * Sends the page, or redirects to its path with exactly one slash at the end, because the page refers to its files and to the
   * API by relative URLs.
   */
  @Get()
  index(@Req() request: Request, @Res() response: Response): void {
    const pathname = pathOf(request);
    if (!pathname.endsWith('/')) return redirect(response, `${pathname.slice(pathname.lastIndexOf('/') + 1)}/`);
    if (pathname.endsWith('//')) return redirect(response, '../');
    this.send('', request, response);
  }

  /** Sends a file of the page. */
  @Get('*file')
  file(@Req() request: Request, @Res() response: Response): void {
    const { file } = request.params as { file?: string | string[] };
    this.send(Array.isArray(file) ? file.join('/') : (file ?? ''), request, response);
  }

  private send(name: string, request: Request, response: Response): void {
    response.set(PAGE_HEADERS);
    const file = this.page.find(name);
    if (file === undefined) {
      response.set('Cache-Control', ASK_AGAIN);
      if (!this.page.isMissing) throw new NotFoundException('The explorer has no such file.');
      response.status(HttpStatus.SERVICE_UNAVAILABLE).type('text/plain').send(`${this.page.missing}\n`);
      return;
    }
    const isCompressed = acceptsGzip(request.headers['accept-encoding']);
    const content = isCompressed ? file.gzip : file.identity;
    if (isCompressed) response.set('Content-Encoding', 'gzip');
    response.set({
      'Content-Type': file.contentType,
      'Content-Length': String(content.length),
      'Cache-Control': file.isImmutable ? KEEP_FOR_EVER : ASK_AGAIN,
      Vary: 'Accept-Encoding',
    });
    response.end(content);
  }
}

/** Returns the path of the URL as the client has sent it. */
function pathOf({ originalUrl }: Request): string {
  const query = originalUrl.indexOf('?');
  return query < 0 ? originalUrl : originalUrl.slice(0, query);
}

/** Redirects to a relative address, which stays correct if a proxy has removed a prefix from the path. */
function redirect(response: Response, location: string): void {
  response.set(PAGE_HEADERS).set('Cache-Control', ASK_AGAIN).redirect(HttpStatus.FOUND, location);
}
