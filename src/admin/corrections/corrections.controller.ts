import { Controller, Delete, Get, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiParam,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { PathParameter, RequestQuery } from '../../http/request-parts.js';
import { CorrectionsService } from './corrections.service.js';
import { CorrectionQueryDto, CorrectionsQueryDto } from './dto/correction-query.dto.js';
import { CorrectionResponse, CorrectionsResponse } from './dto/correction.response.js';
import { WithinStoreWait } from '../../api-tokens/limits/within-store-wait.js';

/** Deletes samples in a time range over HTTP, and lists past deletions. */
@ApiTags('metrics')
@Controller('api/admin')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
export class CorrectionsController {
  constructor(private readonly corrections: CorrectionsService) {}

  /**
   * Permanently deletes the samples of a metric in a time range. Afterwards, every answer of the service is as if these samples
   * had never been pushed, so the values of counters step back once.
   */
  @Delete('metrics/:name/samples')
  @ApiQuery({ type: CorrectionQueryDto })
  @ApiParam({ name: 'name', type: String, example: 'http_responses_total' })
  @ApiBadRequestResponse({
    description:
      'A parameter is invalid or unknown, or the range has more than CORRECTION_MAX_BLOCKS blocks or takes longer than ' +
      'CORRECTION_TIMEOUT_SECONDS; nothing was deleted',
  })
  @ApiNotFoundResponse({ description: 'There is no such metric' })
  @ApiServiceUnavailableResponse({
    description:
      'Another correction is running, the archive is busy, or a process of an older version is alive; see Retry-After',
  })
  deleteSamples(
    @PathParameter('name') name: string,
    @RequestQuery(new DtoPipe(CorrectionQueryDto, 'query')) query: CorrectionQueryDto,
    @CurrentToken() token: ApiToken,
  ): Promise<CorrectionResponse> {
    return this.corrections.deleteSamples(name, query, token.id);
  }

  /** Lists the newest deletions of samples by all processes. */
  @Get('corrections')
  @WithinStoreWait()
  @ApiQuery({ type: CorrectionsQueryDto })
  @ApiBadRequestResponse({ description: 'A parameter is invalid or unknown' })
  list(
    @RequestQuery(new DtoPipe(CorrectionsQueryDto, 'query')) { limit }: CorrectionsQueryDto,
  ): Promise<CorrectionsResponse> {
    return this.corrections.list(limit);
  }
}
