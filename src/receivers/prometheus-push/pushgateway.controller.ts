import {
  applyDecorators,
  Controller,
  Delete,
  HttpCode,
  HttpStatus,
  Post,
  Put,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiParam,
  ApiServiceUnavailableResponse,
  ApiTags,
  ApiTooManyRequestsResponse,
} from '@nestjs/swagger';
import type { ApiToken } from '../../api-tokens/api-token.js';
import { CurrentToken, RequireScope } from '../../api-tokens/api-token.guard.js';
import { ErrorAnswerFilter } from '../../http/answers/error-answer.filter.js';
import { IngestRateLimitGuard } from '../../api-tokens/ingest-rate-limit.guard.js';
import { CurrentGrouping } from './current-grouping.js';
import type { Grouping } from './grouping.js';
import { PushgatewayPathsGuard } from './pushgateway-paths.guard.js';
import { PushgatewayService } from './pushgateway.service.js';
import { Page, PageBody, type ReceivedPage } from './exposition-format/received-page.js';

const PATHS = ['job/*grouping', 'job@base64/*grouping'];

/** The wire of Prometheus' Pushgateway, so that its clients move by changing the URL. */
@ApiTags('push')
@Controller('metrics')
@UseFilters(ErrorAnswerFilter)
export class PushgatewayController {
  constructor(private readonly pushgateway: PushgatewayService) {}

  /** Replaces all that a group shows by a page. */
  @Put(PATHS)
  @HttpCode(HttpStatus.OK)
  @OfGroup()
  @PageBody()
  @ApiOkResponse({ description: 'Committed' })
  @ApiBadRequestResponse({ description: 'The page can not be read or not be taken; nothing was stored' })
  async replaceGroup(
    @CurrentGrouping() grouping: Grouping,
    @Page() page: ReceivedPage,
    @CurrentToken() token: ApiToken,
  ): Promise<void> {
    await this.pushgateway.push(grouping, page, token, 'group');
  }

  /** Replaces those metrics of a group that have the names of the page's. */
  @Post(PATHS)
  @HttpCode(HttpStatus.OK)
  @OfGroup()
  @PageBody()
  @ApiOkResponse({ description: 'Committed' })
  @ApiBadRequestResponse({ description: 'The page can not be read or not be taken; nothing was stored' })
  async replaceMetrics(
    @CurrentGrouping() grouping: Grouping,
    @Page() page: ReceivedPage,
    @CurrentToken() token: ApiToken,
  ): Promise<void> {
    await this.pushgateway.push(grouping, page, token, 'metrics of the same names');
  }

  /** Takes all that a group shows off the page; the history stays. */
  @Delete(PATHS)
  @HttpCode(HttpStatus.ACCEPTED)
  @OfGroup()
  @ApiAcceptedResponse({ description: 'Committed, also if there was no such group' })
  @ApiBadRequestResponse({ description: 'The path names no group' })
  async delete(@CurrentGrouping() grouping: Grouping, @CurrentToken() token: ApiToken): Promise<void> {
    await this.pushgateway.delete(grouping, token);
  }
}

/** What all routes of groups have in common. Guards in their order: are there such routes, the token, how often. */
function OfGroup(): MethodDecorator {
  return applyDecorators(
    ApiParam({
      name: 'grouping',
      description: '`<job>{/<label>/<value>}`; values that URLs can not hold as `<label>@base64/<value>`',
    }),
    ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' }),
    ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' }),
    UseGuards(PushgatewayPathsGuard),
    RequireScope('ingest'),
    UseGuards(IngestRateLimitGuard),
  );
}
