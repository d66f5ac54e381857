import { Controller, HttpCode, HttpStatus, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNoContentResponse,
  ApiResponse,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { BadDataError } from '../../http/answers/errors.js';
import { CircleGuard } from './circle.guard.js';
import { CurrentRemoteWriteBody, ReadsRemoteWrite, type RemoteWriteBody } from './remote-write-body.js';
import { RemoteWriteService } from './remote-write.service.js';

/**
 * The prefix of the headers that say how many samples, histograms and exemplars are committed. They are also correct if the
 * request fails after a part of it was committed.
 */
const WRITTEN_HEADER = 'X-Prometheus-Remote-Write-';

/** Receives samples from Prometheus, Grafana Alloy, vmagent and the OpenTelemetry Collector over remote write. */
@ApiTags('push')
@Controller('api/v1/write')
@UseFilters(ErrorAnswerFilter)
export class RemoteWriteController {
  constructor(private readonly remoteWrite: RemoteWriteService) {}

  /**
   * Stores the samples of a remote write request, version 1.0 or 2.0. The answer is sent after the commit. If some samples can't
   * be stored, the others are stored and the answer is 400, after which senders do not repeat the request.
   */
  @Post()
  @HttpCode(HttpStatus.NO_CONTENT)
  // Decorators apply from the bottom up: the token is checked first, and then the request counts against the rate limit.
  @UseGuards(IngestRateLimitGuard, CircleGuard)
  @RequireScope('ingest')
  @ReadsRemoteWrite()
  @ApiNoContentResponse({ description: 'Committed' })
  @ApiBadRequestResponse({ description: 'The body is malformed, or some samples were refused; the others are stored' })
  @ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' })
  @ApiResponse({ status: 508, description: 'This service has forwarded these samples itself; nothing is stored' })
  @ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' })
  async write(
    @CurrentRemoteWriteBody() body: RemoteWriteBody,
    @CurrentToken() token: ApiToken,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    for (const kind of ['Samples', 'Histograms', 'Exemplars'])
      response.setHeader(`${WRITTEN_HEADER}${kind}-Written`, '0');
    const problem = await this.remoteWrite.write(body, token, (written) => {
      response.setHeader(`${WRITTEN_HEADER}Samples-Written`, String(written));
    });
    if (problem !== undefined) throw new BadDataError([{ path: '/body', message: problem }], problem);
  }
}
