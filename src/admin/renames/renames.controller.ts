import { Controller, Get, HttpCode, Post, UseFilters, UseInterceptors } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiParam,
  ApiQuery,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { JsonBody } from '../../http/bodies/json-body.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { PathParameter, RequestBody, RequestQuery } from '../../http/request-parts.js';
import { RenameDto } from './dto/rename.dto.js';
import { RenameQueryDto, RenamesQueryDto } from './dto/rename-query.dto.js';
import { RenameResponse, RenamesResponse } from './dto/rename.response.js';
import { RenamesService } from './renames.service.js';
import { WithinStoreWait } from '../../api-tokens/limits/within-store-wait.js';

/** Renames metrics over HTTP. */
@ApiTags('metrics')
@Controller('api/admin')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
export class RenamesController {
  constructor(private readonly renames: RenamesService) {}

  /**
   * Renames a metric with its whole history; a histogram or summary is renamed together with its counters. Pushes under the former name then
   * create a new metric. A repeated request gets the first answer again.
   */
  @Post('metrics/:name/rename')
  @HttpCode(200)
  @JsonBody()
  @ApiQuery({ type: RenameQueryDto })
  @ApiParam({ name: 'name', type: String, example: 'http_responses_total' })
  @ApiBody({ type: RenameDto })
  @ApiBadRequestResponse({
    description: 'A parameter is invalid or unknown, or the new name is not legal; nothing was renamed',
  })
  @ApiNotFoundResponse({ description: 'There is no such metric' })
  @ApiConflictResponse({
    description:
      'The new name is taken, or is the name of a part of a histogram or of a metric of the service, or the metric is a part itself; the message says what to do',
  })
  @ApiServiceUnavailableResponse({
    description:
      'Another rename is running, the rename takes longer than CORRECTION_TIMEOUT_SECONDS, or a process of an older version is alive; see Retry-After',
  })
  rename(
    @PathParameter('name') name: string,
    @RequestQuery(new DtoPipe(RenameQueryDto, 'query')) { dryRun }: RenameQueryDto,
    @RequestBody(new DtoPipe(RenameDto)) { to }: RenameDto,
    @CurrentToken() token: ApiToken,
  ): Promise<RenameResponse> {
    return this.renames.rename({ from: name, to, isDryRun: dryRun ?? false, tokenId: token.id });
  }

  /** Lists the newest renames by all processes. */
  @Get('renames')
  @WithinStoreWait()
  @ApiQuery({ type: RenamesQueryDto })
  @ApiBadRequestResponse({ description: 'A parameter is invalid or unknown' })
  list(@RequestQuery(new DtoPipe(RenamesQueryDto, 'query')) { limit }: RenamesQueryDto): Promise<RenamesResponse> {
    return this.renames.list(limit);
  }
}
