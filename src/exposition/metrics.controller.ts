import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import { Controller, Get, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ExpositionPage } from './exposition-page.js';
import { CONTENT_TYPE, type ExpositionFormat } from './page-format.js';
import { ScrapeGuard } from './scrape.guard.js';

/** The page for Prometheus, at its usual path and at Unleash's. */
@ApiTags('exposition')
@Controller()
@UseGuards(ScrapeGuard)
export class MetricsController {
  constructor(private readonly page: ExpositionPage) {}

  /** Live values of all series. Text format 0.0.4, or OpenMetrics 1.0 if `Accept` asks for it. */
  @Get(['metrics', 'internal-backstage/prometheus'])
  @ApiOperation({ security: [{}, { token: [] }] })
  @ApiProduces('text/plain', 'application/openmetrics-text')
  async scrape(@Req() request: Request, @Res() response: Response): Promise<void> {
    const format: ExpositionFormat =
      request.accepts('text/plain', 'application/openmetrics-text') === 'application/openmetrics-text'
        ? 'openmetrics'
        : 'text';
    await sendPage(request, response, CONTENT_TYPE[format], this.page.write(format));
  }
}

/** Streams a page, compressed if the client can read that; a client that goes away ends it. */
export async function sendPage(
  request: Request,
  response: Response,
  contentType: string,
  chunks: AsyncIterable<string>,
): Promise<void> {
  response.setHeader('Content-Type', contentType);
  response.setHeader('Vary', 'Accept, Accept-Encoding');
  const body = Readable.from(chunks);
  try {
    if (request.acceptsEncodings('gzip', 'identity') === 'gzip') {
      response.setHeader('Content-Encoding', 'gzip');
      await pipeline(body, createGzip({ level: constants.Z_BEST_SPEED }), response);
    } else {
      await pipeline(body, response);
    }
  } catch (error) {
    // The client hung up in the middle of the page: nobody is left to answer, and nothing is wrong here.
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
  }
}
