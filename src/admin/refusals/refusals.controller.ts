import { Controller, Get, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiBadRequestResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { DtoPipe } from '../../http/dto.pipe.js';
import { KnownQueryInterceptor } from '../../http/known-query.interceptor.js';
import { RequestQuery } from '../../http/request-parts.js';
import { RefusalsRepository } from '../../refusals/refusals.repository.js';
import { RefusalsQueryDto } from './dto/refusals-query.dto.js';
import { RefusalResponse, RefusalsResponse } from './dto/refusals.response.js';
import { WithinStoreWait } from '../../api-tokens/limits/within-store-wait.js';

/** Lists recent refusals. */
@ApiTags('operation')
@Controller('api/admin/refusals')
@UseFilters(ErrorAnswerFilter)
@UseInterceptors(KnownQueryInterceptor)
@RequireScope('admin')
@ApiBadRequestResponse({ description: 'A parameter is invalid or unknown' })
export class RefusalsController {
  constructor(private readonly refusals: RefusalsRepository) {}

  /**
   * Lists the newest refusals of items and whole requests by all processes, the latest first. Refusals with the same token,
   * reason and metric share one entry. A refusal is listed within about a second.
   */
  @Get()
  @WithinStoreWait()
  @ApiQuery({ type: RefusalsQueryDto })
  async list(
    @RequestQuery(new DtoPipe(RefusalsQueryDto, 'query')) { limit }: RefusalsQueryDto,
  ): Promise<RefusalsResponse> {
    const refusals = await this.refusals.findNewest(limit);
    return { refusals: refusals.map((each) => RefusalResponse.of(each)) };
  }
}
