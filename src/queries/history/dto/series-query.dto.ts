import { PageQueryDto } from './page-query.dto.js';
import { LabelFilters, MetricName } from './shared-parameters.js';

/** The query parameters of a request for the series of one metric. */
export class SeriesQueryDto extends PageQueryDto {
  @MetricName()
  metric: string;

  @LabelFilters()
  label: string[] = [];
}
