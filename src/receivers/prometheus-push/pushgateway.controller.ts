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
import { IngestRateLimitGuard } from '../../api-tokens/limits/ingest-rate-limit.guard.js';
import { GroupPath } from './group-path.js';
import { PushgatewayPathsGuard } from './pushgateway-paths.guard.js';
import { PushgatewayService } from './pushgateway.service.js';
import { Exposition, ExpositionBody, type ReceivedExposition } from './exposition-format/received-exposition.js';

const PATHS = ['job/*grouping', 'job@base64/*grouping'];

/** Serves the HTTP interface of Prometheus' Pushgateway, so that its clients need to change only the URL. */
@ApiTags('push')
@Controller('metrics')
@UseFilters(ErrorAnswerFilter)
export class PushgatewayController {
  constructor(private readonly pushgateway: PushgatewayService) {}

  /** Replaces all series of a group with those of an exposition. */
  @ReplacingRoute(Put(PATHS))
  async replaceGroup(
    @GroupPath() path: string,
    @Exposition() exposition: ReceivedExposition,
    @CurrentToken() token: ApiToken,
  ): Promise<void> {
    await this.pushgateway.push(path, exposition, token, 'group');
  }

  /** Replaces the metrics of a group that have the same names as metrics of the exposition. */
  @ReplacingRoute(Post(PATHS))
  async replaceMetrics(
    @GroupPath() path: string,
    @Exposition() exposition: ReceivedExposition,
    @CurrentToken() token: ApiToken,
  ): Promise<void> {
    await this.pushgateway.push(path, exposition, token, 'metrics of the same names');
  }

  /** Removes all series of a group from `/metrics`. Their history is kept. */
  @Delete(PATHS)
  @HttpCode(HttpStatus.ACCEPTED)
  @OfGroup()
  @ApiAcceptedResponse({ description: 'Committed, also if there was no such group' })
  @ApiBadRequestResponse({ description: 'The path does not name a group' })
  async delete(@GroupPath() path: string, @CurrentToken() token: ApiToken): Promise<void> {
    await this.pushgateway.delete(path, token);
  }
}

/**
 * Combines the decorators that all group routes share. The guards first check whether the paths are enabled, then the token, and
 * then the rate limit.
 */
function OfGroup(): MethodDecorator {
  return applyDecorators(
    ApiParam({
      name: 'grouping',
      description:
        '`<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>`',
    }),
    ApiTooManyRequestsResponse({ description: 'More requests than INGEST_RATE_LIMIT_PER_MINUTE' }),
    ApiServiceUnavailableResponse({ description: 'The store cannot take samples now; send again after Retry-After' }),
    UseGuards(PushgatewayPathsGuard),
    RequireScope('ingest'),
    UseGuards(IngestRateLimitGuard),
  );
}

/** Combines the decorators that both ways to replace series share. */
function ReplacingRoute(route: MethodDecorator): MethodDecorator {
  return applyDecorators(
    route,
    HttpCode(HttpStatus.OK),
    OfGroup(),
    ExpositionBody(),
    ApiOkResponse({ description: 'Committed' }),
    ApiBadRequestResponse({
      description: 'The exposition is malformed or one of its samples was refused; nothing was stored',
    }),
  );
}
