import { applyDecorators, Get, Param, Req, Res } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ApiToken } from '../api-tokens/api-token.js';
import { CurrentToken } from '../api-tokens/api-token.guard.js';
import { labelsFromText } from '../catalog/label-set.js';
import type { Series } from '../catalog/series.js';
import { ClientSignal } from '../http/client-signal.js';
import { parseSignedWhole } from '../outside-text/number.js';
import { CatalogListingService, type Listing, type ListingRequest } from './catalog-listing.service.js';
import { selectorsOf } from './expression-parameter.js';
import { PostForm } from './form-body.js';
import { listAnswer } from './json-answer.js';
import { unescapeLabelName } from './label-name.js';
import { Parameters } from './parameters.decorator.js';
import { PrometheusController } from './prometheus-controller.decorator.js';
import { PrometheusError } from './prometheus.error.js';
import type { Asker } from './query.service.js';
import { limitOf } from './query-request.js';
import { RequestParameters } from './request-parameters.js';
import { sendAnswer } from './send-answer.js';
import { timeParameter } from './time-parameter.js';

const TRUNCATED = ['results truncated due to limit'];

/** What every listing of series and labels takes beside its selectors. */
function ListingParameters(): MethodDecorator {
  return applyDecorators(...['start', 'end', 'limit'].map((name) => ApiQuery({ name, type: String, required: false })));
}

/** Series, labels and metrics, out of the catalog. */
@PrometheusController()
export class CatalogListingController {
  constructor(private readonly listings: CatalogListingService) {}

  /** Series that one of the selectors fits. */
  @Get('series')
  @ApiQuery({ name: 'match[]', type: [String] })
  @ListingParameters()
  series(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.sendSeries(parameters, { asker: { tokenId: token.id, client }, request, response });
  }

  /** The same, as a form. */
  @PostForm('series')
  seriesByForm(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.series(parameters, token, client, request, response);
  }

  /** Names of labels. */
  @Get('labels')
  @ApiQuery({ name: 'match[]', type: [String], required: false })
  @ListingParameters()
  async labels(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await sendTexts(
      request,
      response,
      await this.listings.labelNames(listingRequestOf(parameters), { tokenId: token.id, client }),
    );
  }

  /** The same, as a form. */
  @PostForm('labels')
  labelsByForm(
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    return this.labels(parameters, token, client, request, response);
  }

  /** Values of one label; those of `__name__` are the names of the metrics. */
  @Get('label/:name/values')
  @ApiQuery({ name: 'match[]', type: [String], required: false })
  @ListingParameters()
  async labelValues(
    @Param('name') name: string,
    @Parameters() parameters: RequestParameters,
    @CurrentToken() token: ApiToken,
    @ClientSignal() client: AbortSignal,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const label = unescapeLabelName(name);
    if (!label.isWellFormed()) {
      throw new PrometheusError('bad_data', `invalid label name: ${JSON.stringify(name)}`);
    }
    await sendTexts(
      request,
      response,
      await this.listings.labelValues(label, listingRequestOf(parameters), { tokenId: token.id, client }),
    );
  }

  /** Type, help and unit of metrics. */
  @Get('metadata')
  @ApiQuery({ name: 'metric', type: String, required: false })
  @ApiQuery({ name: 'limit', type: String, required: false })
  async metadata(@Parameters() parameters: RequestParameters): Promise<object> {
    const text = parameters.first('limit');
    const limit = text === '' ? -1 : parseSignedWhole(text);
    if (limit === undefined) {
      throw new PrometheusError('bad_data', 'limit must be a number');
    }
    const metric = parameters.first('metric');
    const metadata = await this.listings.metadata(metric === '' ? undefined : metric, limit);
    return { status: 'success', data: metadata };
  }

  private async sendSeries(
    parameters: RequestParameters,
    { asker, request, response }: { asker: Asker; request: Request; response: Response },
  ): Promise<void> {
    if (parameters.all('match[]').length === 0) {
      throw new PrometheusError('bad_data', 'no match[] parameter provided');
    }
    const { items, isTruncated } = await this.listings.series(listingRequestOf(parameters), asker);
    await sendAnswer(request, response, listAnswer(items, seriesJson, isTruncated ? TRUNCATED : []));
  }
}

/** Times default to all that there is. The end cuts nothing: see {@link CatalogListingService}. */
function listingRequestOf(parameters: RequestParameters): ListingRequest {
  const limit = limitOf(parameters);
  const start = parameters.first('start');
  const end = parameters.first('end');
  const startMs = start === '' ? -Infinity : timeParameter('start', start);
  if (end !== '') timeParameter('end', end);
  return { selectors: selectorsOf(parameters), startMs, limit };
}

async function sendTexts(request: Request, response: Response, listing: Listing<string>): Promise<void> {
  const { items, isTruncated } = listing;
  await sendAnswer(
    request,
    response,
    listAnswer(items, (item) => JSON.stringify(item), isTruncated ? TRUNCATED : []),
  );
}

function seriesJson({ metric, labelsText }: Series): string {
  return JSON.stringify({ __name__: metric.name, ...labelsFromText(labelsText) });
}
